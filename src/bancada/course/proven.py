"""The note in an exercise's folder of the content that was proven."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bancada.reach.paths import files_below, write_whole

PROOF = "proof.json"
RECORD = "evidence.json.xz"
"""The evidence of the proof's steps: see bancada.judge.recorded."""
PACKAGE = Path(__file__).parents[1]
MACHINERY = (
    "onseat/seatside/*.py", "evidence/*.py", "course/needs.py", "words/i18n.py",
    *(f"judge/{name}.py" for name in ("expect", "judge", "verdict", "worker")),
)  # fmt: skip
"""What brings evidence to a verdict, for whichever exercise."""


@dataclass(frozen=True)
class Content:
    """All that a proof is about, as it was when the folder was read: one digest of it, and one of each file."""

    digest: str
    files: Mapping[str, str]


def content(folder: Path) -> Content:
    whole, files = hashlib.sha256(), {}
    for file in sorted(files_below(folder)):
        if file.name not in (PROOF, RECORD):
            name, data = str(file.relative_to(folder)), file.read_bytes()
            whole.update(name.encode() + b"\0" + data + b"\0")
            files[name] = _short(hashlib.sha256(data))
    return Content(_short(whole), files)


def holds(folder: Path, now: Content) -> bool:
    """Whether `bancada prove` has passed for exactly this."""
    return bool(_noted(folder).get("digest") == now.digest)


@cache
def machinery() -> str:
    """A digest of the collector, the models of evidence and the judge, as they are now."""
    whole = hashlib.sha256()
    for file in sorted(file for part in MACHINERY for file in PACKAGE.glob(part)):
        whole.update(str(file.relative_to(PACKAGE)).encode() + b"\0" + file.read_bytes() + b"\0")
    return _short(whole)


def is_stale(folder: Path) -> bool:
    """Whether the machinery is another one than when it was proven. That is for the test command to mend, and keeps
    nobody in class from an exercise."""
    return bool(_noted(folder).get("machinery") != machinery())


def changes(folder: Path, now: Content) -> list[str]:
    """What is new, gone or another since the proof; empty where the note does not tell of files, or there is none."""
    was = _noted(folder).get("files")
    if not isinstance(was, dict):
        return []
    kinds = {
        "is new": now.files.keys() - was.keys(),
        "is gone": was.keys() - now.files.keys(),
        "changed": {name for name in now.files.keys() & was.keys() if now.files[name] != was[name]},
    }
    return sorted(f"{name} {kind}" for kind, names in kinds.items() for name in names)


def note(folder: Path, proven: Content, kill_score: str) -> None:
    noted = {
        "digest": proven.digest,
        "machinery": machinery(),
        "kill_score": kill_score,
        "files": proven.files,
    }
    write_whole(folder / PROOF, json.dumps(noted, indent=1, ensure_ascii=False) + "\n")


def _short(hashed: Any) -> str:
    return str(hashed.hexdigest()[:16])


def _noted(folder: Path) -> dict[str, Any]:
    try:
        noted = json.loads((folder / PROOF).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}
