"""Whose the namespaces are, by the ioctls of nsfs. And who the student is."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat

NS_GET_USERNS = 0xB701
NS_GET_OWNER_UID = 0xB704


def user_namespace_of(path: str) -> int | None:
    """Inode of the user namespace that owns the namespace of this file."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        owner: int = fcntl.ioctl(handle, NS_GET_USERNS)
    except OSError:
        return None
    finally:
        os.close(handle)
    try:
        return os.fstat(owner).st_ino
    finally:
        os.close(owner)


def maker_of(path: str) -> int | None:
    """Uid, as the seat sees it, of who made the user namespace of this file."""
    try:
        with Path(path).open("rb") as handle:
            uid = bytearray(4)
            fcntl.ioctl(handle, NS_GET_OWNER_UID, uid)
    except OSError:
        return None
    return int.from_bytes(uid, "little")


def student(folder: str) -> int | None:
    """Uid of whose home the exercises are in; the folder itself is not there before it is staged."""
    try:
        return Path(folder).parents[2].stat().st_uid
    except OSError:
        return None


def probe(seat: Seat) -> dict[str, Any]:
    inside = {str(proc["pid"]): f"/proc/{proc['pid']}/ns" for proc in seat.outside("user")}
    return {
        "student": student(seat.folder),
        "maker": {pid: maker_of(f"{ns}/user") for pid, ns in inside.items()},
        "owner_of_uts": {pid: user_namespace_of(f"{ns}/uts") for pid, ns in inside.items()},
    }
