"""The files of a container, as its first process sees them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat

ADDED = {"proc", "sys", "dev", "tmp", "run", ".dockerenv", "etc/hostname", "etc/hosts", "etc/resolv.conf", "etc/mtab"}
ENOUGH = 400


def probe(seat: Seat) -> Any:
    """Paths and sizes of regular files, without what Docker puts there; at most so many. {} if it does not run."""
    container = seat.docker(f"/containers/{seat.variant.name}/json")
    found: dict[str, int] = {}
    if not container or not container["State"]["Running"]:
        return found
    top = Path(f"/proc/{container['State']['Pid']}/root")
    waiting = [top]
    while waiting and len(found) < ENOUGH:
        try:
            for path in sorted(waiting.pop().iterdir()):
                name = str(path.relative_to(top))
                if path.is_symlink() or name in ADDED:
                    continue
                if path.is_dir():
                    waiting.append(path)
                elif path.is_file():
                    found[name] = path.stat().st_size
        except OSError:
            continue  # the container has ended, or the file is gone
    return found
