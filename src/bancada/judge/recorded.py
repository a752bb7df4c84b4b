"""The evidence of a proof, kept in the exercise's folder: what each step showed, and what each test said of it.

So a change of a check, of the models or of the judge shows in seconds, with no seat: see tests/replay. One file of
JSON, compressed by xz: `parts` are the values that documents hold, each once, and a document is, by its keys, their
numbers.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bancada.course.proven import RECORD
from bancada.judge.verdict import Verdict
from bancada.reach.paths import write_whole
from bancada.words.errors import UsageError


@dataclass(frozen=True)
class Seen:
    """One step of a proof at which the seat was judged."""

    step: str
    document: bytes
    """As the seat answered it."""
    tests: Mapping[str, Verdict]
    """By name, what each said."""


@dataclass(frozen=True)
class Record:
    variant: Mapping[str, str | int]
    """The values of the seat on which it was proven."""
    seen: Sequence[Seen]


@dataclass(frozen=True)
class _Step:
    step: str
    tests: dict[str, Verdict]
    document: dict[str, int]


@dataclass(frozen=True)
class _File:
    variant: dict[str, str | int]
    parts: list[Any]
    steps: list[_Step]


_FILE = TypeAdapter(_File)


def write(folder: Path, record: Record) -> None:
    """Keep it in this exercise's folder."""
    parts: dict[str, int] = {}
    steps = []
    for one in record.seen:
        document = {
            key: parts.setdefault(json.dumps(value, ensure_ascii=False, separators=(",", ":")), len(parts))
            for key, value in json.loads(one.document).items()
        }
        steps.append({"step": one.step, "tests": dict(one.tests), "document": document})
    head = json.dumps({"variant": dict(record.variant), "steps": steps}, ensure_ascii=False)
    text = f'{head[:-1]}, "parts": [{",".join(parts)}]}}\n'
    write_whole(folder / RECORD, lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def read(folder: Path) -> Record:
    """Raises UsageError where there is none, or it is damaged."""
    path = folder / RECORD
    try:
        file = _FILE.validate_json(lzma.decompress(path.read_bytes()))
        seen = [
            Seen(
                one.step,
                json.dumps({key: file.parts[part] for key, part in one.document.items()}).encode(),
                one.tests,
            )
            for one in file.steps
        ]
    except (OSError, EOFError, lzma.LZMAError, ValidationError, IndexError) as error:
        raise UsageError(
            "The evidence of this exercise's proof cannot be read.",
            where=str(path),
            next=f"./bancada prove -e {folder.parent.name}/{folder.name}",
        ) from error
    return Record(file.variant, seen)
