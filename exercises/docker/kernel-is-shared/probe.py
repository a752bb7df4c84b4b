"""Which Debian the seat and the container are, and how the kernel refuses to be renamed in the container."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat

OSTYPE = "/proc/sys/kernel/ostype"  # which the kernel lets nobody write to, whoever may open it


def release(said: str | None) -> dict[str, str]:
    """What os-release(5) says."""
    lines = [line.partition("=") for line in (said or "").splitlines()]
    return {key: value.strip("\"'") for key, _, value in lines}


def refusals() -> list[str]:
    """Names of the errors: a shell's > truncates, sysctl(8) does not, and the kernel looks in another order then."""
    found = []
    for flags in (os.O_WRONLY | os.O_TRUNC, os.O_WRONLY):
        try:
            os.close(os.open(OSTYPE, flags))
        except OSError as problem:
            found.append(errno.errorcode.get(problem.errno or 0, "?"))
    return found


def probe(seat: Seat) -> Any:
    """{"seat", "container": what os-release says, "refusals": […]}; {} where the container does not run."""
    container = seat.docker(f"/containers/{seat.variant.name}/json")
    if not container or not container["State"]["Running"]:
        return {}

    def inside() -> Any:
        return {"container": release(seat.text("/etc/os-release")), "refusals": refusals()}

    found = seat.inside(container["State"]["Pid"], "mnt", inside, 3)
    return {"seat": release(seat.text("/etc/os-release")), "container": {}, "refusals": [], **found}
