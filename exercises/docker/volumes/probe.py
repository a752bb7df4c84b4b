"""What stands in the volume, and what the reader sees at the two places."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat


def small(seat: Seat, path: str) -> str | None:
    """The text of a small regular file; a link is not followed, since the seat would read it by its own root."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return seat.text(path) if stat.S_ISREG(found.st_mode) and found.st_size <= 65536 else None


def probe(seat: Seat) -> Any:
    name = seat.variant.name
    volume = seat.docker(f"/volumes/{name}") or {}
    reader = seat.docker(f"/containers/{name}-reader/json") or {"State": {"Pid": 0}}
    pid = reader["State"]["Pid"]
    place = volume.get("Mountpoint")
    return {
        "diary": small(seat, f"{place}/diary.txt") if place else None,
        "seen": small(seat, f"/proc/{pid}/root/data/diary.txt") if pid else None,
        "mounts": [mount for mount in seat.mounts(pid) if mount["target"] in ("/data", "/settings")] if pid else [],
    }
