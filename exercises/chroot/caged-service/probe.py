"""What the service gives to a visitor, also to one who tries to get out; and the sites in the roots of processes."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat

LINKS = ("notes.html", "draft.html")
NOTES = "private/notes.html"
ENTRIES = 20000  # that are looked at in one root


def asked(seat: Seat) -> dict[str, Any]:
    """The answer to "/", and the paths whose answer has the secret in it."""
    port = int(seat.variant.port)
    index = seat.http("127.0.0.1", port, "/", seconds=1)
    if "error" in index:
        return {"index": index, "leaks": []}
    absolute = f"{seat.folder}/{NOTES}"
    paths = [
        *(f"/{name}" for name in LINKS),
        *(f"/site/{name}" for name in LINKS),
        f"/../{NOTES}",
        f"/%2e%2e/{NOTES}",
        f"/{'../' * 12}{absolute[1:]}",
        f"/{'%2e%2e/' * 12}{absolute[1:]}",
        absolute,
        f"/{NOTES}",
    ]
    answers = {path: seat.http("127.0.0.1", port, path, seconds=0.5) for path in paths}
    leaks = [path for path, answer in answers.items() if seat.variant.secret in answer.get("body", "")]
    return {"index": index, "leaks": leaks}


def sites_below(top: str) -> list[dict[str, Any]]:
    """Directories with an index.html and where their links lead; also in what is mounted there."""
    found: list[dict[str, Any]] = []
    queue, seen = [""], 0
    while queue and seen < ENTRIES:
        folder = queue.pop(0)
        try:
            entries = list(os.scandir(f"{top}/{folder}"))
        except OSError:
            continue
        seen += len(entries)
        if any(entry.name == "index.html" for entry in entries):
            links = {e.name: str(Path(e.path).readlink()) for e in entries if e.name in LINKS and e.is_symlink()}
            found.append({"path": f"/{folder}", "links": links})
        inner = [f"{folder}/{e.name}".lstrip("/") for e in entries if e.is_dir(follow_symlinks=False)]
        queue += [path for path in inner if path not in ("proc", "sys", "dev")]
    return found


def probe(seat: Seat) -> Any:
    own = seat.processes[1]["root_id"]
    roots = {tuple(proc["root_id"]): proc["pid"] for proc in seat.by_hand() if proc["root_id"] not in (None, own)}
    sites = []
    for root_id, pid in list(roots.items())[:10]:
        below = seat.apart(partial(sites_below, f"/proc/{pid}/root"), seconds=3)
        if isinstance(below, list):  # else it ended while it was looked at
            sites.append({"root_id": root_id, "sites": below})
    answers = seat.apart(lambda: asked(seat), seconds=6)  # a service may answer as slowly as it likes
    if "index" not in answers:
        answers = {"index": answers, "leaks": []}
    return {**answers, "roots": sites}
