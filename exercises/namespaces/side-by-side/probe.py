"""Finds the servers that are busybox, says of which version they are, and asks each one from inside."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat

LARGEST = 16 << 20  # bytes of a program that is searched
MANY = 8  # servers


def ports(pid: int) -> list[int]:
    """Of TCP, at which a process waits for clients."""
    found = set()
    try:
        handles = {str(handle.readlink()) for handle in Path(f"/proc/{pid}/fd").iterdir()}
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and f"socket:[{fields[9]}]" in handles:  # 0A: it listens
                    found.add(int(fields[1].split(":")[1], 16))
    except OSError:
        pass  # it ended, or this kernel has no IPv6
    return sorted(found)


def version(pid: int) -> str | None:
    """Told by the program itself, whatever it is called."""
    try:
        program = Path(f"/proc/{pid}/exe")
        said = program.stat().st_size < LARGEST and re.search(rb"BusyBox v(\d+\.\d+)", program.read_bytes())
    except OSError:
        return None
    return said[1].decode() if said else None


def configuration(pid: int) -> str | None:
    """What the process itself finds at the path: links are followed inside its root."""
    os.chroot(f"/proc/{pid}/root")
    try:
        handle = os.open("/etc/httpd.conf", os.O_RDONLY | os.O_NONBLOCK)
        return os.read(handle, 4096).decode("utf-8", "replace")
    except OSError:
        return None


def probe(seat: Seat) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for proc in seat.by_hand():
        pid = proc["pid"]
        if len(found) < MANY and (listening := ports(pid)) and (running := version(pid)):
            text = seat.apart(partial(configuration, pid), seconds=1)
            at = seat.variant.port if seat.variant.port in listening else listening[0]
            found.append({
                "pid": pid,
                "version": running,
                "ports": listening,
                "configuration": text if isinstance(text, str) else None,
                "answer": seat.inside(pid, "net", partial(seat.http, "127.0.0.1", at, seconds=0.5), seconds=1),
            })  # fmt: skip
    return found
