"""What the file `word` in the room says, in each mount namespace that somebody made by hand."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat


def room_seen_here(room: str) -> dict[str, Any]:
    """Which directory the room is, and what the word in it says; None for what is not there."""
    try:
        found = Path(room).stat()
    except OSError:
        return {"id": None, "word": None}
    seen: dict[str, Any] = {"id": [found.st_dev, found.st_ino], "word": None}
    try:
        # Nothing that blocks: whatever the student has put there, it may be a fifo.
        handle = os.open(f"{room}/word", os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return seen
    with os.fdopen(handle, "rb") as file:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            seen["word"] = file.read(200).decode("utf-8", "replace").strip()
    return seen


def probe(seat: Seat) -> Any:
    room = f"{seat.folder}/room"
    own = seat.apart(lambda: room_seen_here(room), seconds=2).get("id")
    found: dict[int, Any] = {}
    for process in seat.outside("mnt"):
        number = process["ns"].get("mnt", 0)
        if number in found or len(found) == 20:
            continue
        seen = seat.inside(process["pid"], "mnt", lambda: room_seen_here(room), seconds=2)
        if "error" not in seen:  # else it ended while it was looked at
            found[number] = {"ns": number, "word": seen["word"], "other": seen["id"] not in (None, own)}
    return list(found.values())
