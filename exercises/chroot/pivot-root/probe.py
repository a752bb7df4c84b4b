"""What lies at the top of the mount namespaces of processes, and which mounts of them are the seat's old root."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat


def own_mounts(proc: int) -> list[list[str]]:
    """Device, root and mount point of each mount that this process can reach from its root directory.

    `proc` is the seat's /proc, open: in another mount namespace there may be none.
    """
    handle = os.open(f"{os.getpid()}/mountinfo", os.O_RDONLY, dir_fd=proc)
    with os.fdopen(handle, encoding="utf-8", errors="replace") as file:
        return [line.split()[2:5] for line in file]


def from_the_top(proc: int) -> dict[str, Any]:
    """Who enters a mount namespace has its top as root directory, wherever its processes have theirs."""
    top = Path("/").stat()
    return {"top": [top.st_dev, top.st_ino], "mounts": own_mounts(proc)}


def word_in(root: str) -> str | None:
    """What the file `word` in a root directory says. Nothing is followed: a link would lead into our own root."""
    try:
        handle = os.open(f"{root}/word", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return None
        return file.read(200).decode("utf-8", "replace").strip()


def probe(seat: Seat) -> Any:
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    own = seat.processes[1]["root_id"]
    # The last one that is mounted on / is the one that is seen.
    old_root = [mount[:2] for mount in own_mounts(proc) if mount[2] == "/"][-1:]
    found: list[dict[str, Any]] = []
    namespaces: dict[int, Any] = {}
    for process in seat.by_hand():
        if process["root_id"] in (None, own) or len(found) == 20:
            continue
        number = process["ns"].get("mnt", 0)
        if number not in namespaces:
            seen = seat.inside(process["pid"], "mnt", lambda: from_the_top(proc), seconds=2)
            if "error" in seen:
                continue  # it ended while it was looked at
            old = [target for device, root, target in seen["mounts"] if [device, root] in old_root]
            namespaces[number] = {"top": seen["top"], "old_root_at": old}
        word = word_in(f"/proc/{process['pid']}/root")
        found.append({"pid": process["pid"], "word": word, **namespaces[number]})
    return found
