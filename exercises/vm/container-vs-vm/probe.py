"""What the container and the virtual machine take, measured from outside; of the machine also what its log says."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat

MIB = 2**20
READY = re.compile(r"(?m)^ready (\d+(?:\.\d+)?) (\d+) (\d+) ([0-9a-f-]{36})$")


def probe(seat: Seat) -> Any:
    log = seat.console("console.log")
    container, guests = of_the_container(seat), seat.guests(log or "")
    vm = of_the_vm(guests, log or "")
    both = {"container": container or {}, "vm": vm or {}}
    measured = {what: {who: one[what] for who, one in both.items() if what in one} for what in QUANTITIES}
    return {"container": container, "vm": vm, "log": log is not None, "guests": guests, "measured": measured}


QUANTITIES = ("boot", "memory", "disk", "processes")  # seconds, MiB, MiB, number


def of_the_container(seat: Seat) -> Any:
    """None where it does not run. `memory` as docker stats tells it; its processes' own share of memory is `pss`."""
    said = seat.docker(f"/containers/{seat.variant.name}/json")
    if not said or not said["State"]["Running"]:
        return None
    first = seat.processes.get(said["State"]["Pid"])
    inside = [proc for proc in seat.processes.values() if first and proc["cgroup"] == first["cgroup"]]
    stats = (seat.docker(f"/containers/{said['Id']}/stats?stream=false&one-shot=true") or {}).get("memory_stats", {})
    cache = stats.get("stats", {})
    used = stats.get("usage", 0) - cache.get("total_inactive_file", cache.get("inactive_file", 0))
    image = seat.docker(f"/images/{said['Image']}/json") or {}
    return {
        "boot": round(moment(said["State"]["StartedAt"]) - moment(said["Created"]), 3),
        "memory": round(used / MIB, 2),
        "pss": round(sum(share(seat, proc["pid"]) for proc in inside) / MIB, 2),
        "disk": round(image.get("Size", 0) / MIB, 2),
        "processes": len(inside),
        "workers": sum("sleep" in proc["cmdline"] for proc in inside),
    }


def of_the_vm(guests: list[Any], log: str) -> Any:
    """None where no running machine has written a line `ready` into the log."""
    for uptime, processes, workers, boot_id in READY.findall(log):
        for guest in guests:
            if boot_id in guest["boot_ids"] and guest["version"] and not guest["panic"]:
                return {
                    "boot": float(uptime),
                    "memory": round(guest["pss"] / MIB, 1),
                    "rss": round(guest["rss"] / MIB, 1),
                    "disk": round(((guest["kernel"] or 0) + (guest["initrd"] or 0)) / MIB, 2),
                    "processes": int(processes),
                    "workers": int(workers),
                    "given": (guest["memory"] or 0) // MIB,
                }
    return None


def share(seat: Seat, pid: int) -> int:
    """Bytes of memory that are a process's own, and its share of what it has in common with others."""
    said = re.search(r"(?m)^Pss: +(\d+) kB", seat.text(f"/proc/{pid}/smaps_rollup") or "")
    return int(said[1]) << 10 if said else 0


def moment(said: str) -> float:
    """Seconds of a time that Docker tells to the nanosecond."""
    return datetime.fromisoformat(re.sub(r"(\.\d{1,6})\d*", r"\1", said).replace("Z", "+00:00")).timestamp()
