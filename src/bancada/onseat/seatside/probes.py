"""Runs what an exercise wants looked at that no general evidence tells: its probe.py."""

import http.client
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

from bancada.onseat.seatside import base, engine, files, guests, layers, namespaces
from bancada.onseat.seatside.base import Facts

SECONDS = 15.0  # that one probe may take on real hardware with nothing else to do
TOTAL = 240.0  # that all may take, however busy the seat


@dataclass(frozen=True)
class Seat:
    """What `def probe(seat)` is given. It runs as root on the seat, looks, changes nothing, and returns JSON."""

    variant: SimpleNamespace
    folder: str
    """The exercise's folder on the seat, absolute; it may not be there."""
    processes: dict[int, Facts]
    """By pid, with the fields of bancada.evidence.Process. Those that lie in other exercises' folders are left out."""

    def by_hand(self) -> list[Facts]:
        """Processes of neither a packaged service nor a container of Docker's, in order of pid."""
        found = [self.processes[pid] for pid in sorted(self.processes)]
        return [proc for proc in found if proc["service"] is None and not proc["container"]]

    def outside(self, kind: str) -> list[Facts]:
        """Those by hand that are in another namespace of this type than the seat's pid 1."""
        own = self.processes[1]["ns"].get(kind)
        return [proc for proc in self.by_hand() if proc["ns"].get(kind, own) != own]

    def inside(self, pid: int, kinds: str, work: Callable[[], Any], seconds: float = 10.0) -> Any:
        """What `work()` returns in a process's namespaces ("net mnt"); {"error": …} where it raises or takes longer."""
        return namespaces.inside({kind: f"/proc/{pid}/ns/{kind}" for kind in kinds.split()}, work, seconds)

    def apart(self, work: Callable[[], Any], seconds: float = 10.0) -> Any:
        """What `work()` returns in a child process, which may setns, chroot or change its user: see inside."""
        return namespaces.apart(work, seconds)

    def run(self, *argv: str, seconds: float = 10.0, input: str = "") -> Facts:
        """{"code", "out", "err"} of a command; code 124: stopped after `seconds`."""
        return base.run(*argv, seconds=seconds, input=input)

    def docker(self, path: str) -> Any:
        """GET of Docker's Engine API, as JSON; None where Docker never ran or does not know it."""
        return engine.api(path) if engine.answers() else None

    def layers(self, image: str) -> list[dict[str, Facts]] | None:
        """What each layer of an image of Docker's holds, the lowest first: see layers.layers."""
        return layers.layers(image) if engine.answers() else None

    def seen(self, stack: list[dict[str, Facts]], path: str) -> Facts | None:
        """What a container of these layers sees at a path ("www/index.html"): see layers.seen."""
        return layers.seen(stack, path)

    def http(self, host: str, port: int, path: str = "/", seconds: float = 3.0) -> Facts:
        """{"status", "body"} of a GET, the body at most 4096 characters; {"error": …} where nobody answers."""
        connection = http.client.HTTPConnection(host, port, timeout=base.patient(seconds))
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return {"status": answer.status, "body": answer.read(4096).decode("utf-8", "replace")}
        except (OSError, http.client.HTTPException) as problem:
            return {"error": f"{type(problem).__name__}: {problem}"}
        finally:
            connection.close()

    def guests(self, *logs: str) -> list[Facts]:
        """The virtual machines that QEMU runs here, and which of them wrote one of these texts: see guests.guests."""
        return guests.guests(self.processes, list(logs))

    def console(self, name: str) -> str | None:
        """What a console log in the exercise's folder says, without carriage returns; None where there is none."""
        return guests.console(f"{self.folder}/{name}")

    def mounts(self, pid: int | str = "self") -> list[Facts]:
        """What mountinfo of a process says, with the fields of bancada.evidence.Mount; options are one string."""
        return files.mounts(pid)

    def text(self, path: str) -> str | None:
        """A file's text; None where it cannot be read."""
        try:
            return base.text(path)
        except OSError:
            return None


def run_probe(source: str, name: str, seat: Seat) -> Any:
    """What the probe returns; raises whatever it raises."""
    module: dict[str, Any] = {"__name__": f"probe of {name}"}
    exec(compile(source, f"{name}/probe.py", "exec"), module)
    return module["probe"](seat)


def probes(
    wanted: dict[str, Facts],
    procs: dict[int, Facts],
    exercises_root: str,
    seconds: float = SECONDS,
    total: float = TOTAL,
) -> Facts:
    """Each probe in a process of its own, a few at once: {"answer": …}, or {"error": …} where it broke; with "late"
    where it was not done in time."""
    if not wanted:
        return {}

    def one(name: str) -> Any:
        folder = f"{exercises_root}/{name}"
        mine = {pid: proc for pid, proc in procs.items() if not lies_elsewhere(proc, folder, exercises_root)}
        seat = Seat(SimpleNamespace(**wanted[name]["variant"]), folder, mine)
        return {"answer": run_probe(wanted[name]["source"], name, seat)}

    most = 2 * len(os.sched_getaffinity(0))  # some wait; more of them would only take the time from one another
    return namespaces.side_by_side({name: partial(one, name) for name in wanted}, seconds, most, total)


def looked_at(probing: tuple[int, int], end: float) -> Any:
    """The answer of `probes` in a child of ours, where each that is not there is late: of all of them where the seat is
    so busy that the child itself has not come to its own end by `end`."""
    said = namespaces.finish(*probing, end)
    return {} if said == namespaces.LATE else said


def lies_elsewhere(proc: Facts, folder: str, exercises_root: str) -> bool:
    """Whether a process lies in other exercises' folders, and not in this one."""
    places = [proc[place] for place in ("cwd", "root", "exe", "pwd")]
    return any(base.within(place, exercises_root) for place in places) and not any(
        base.within(place, folder) for place in places
    )
