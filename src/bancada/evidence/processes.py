"""Processes of a seat, and the questions that tests ask of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, overload

from pydantic import Field

NsType = Literal["mnt", "uts", "ipc", "pid", "net", "user", "cgroup", "time"]
"""The eight types of namespaces(7), by their names in /proc/PID/ns."""


def within(path: str | None, folder: str) -> bool:
    """Whether `path` is `folder` or lies under it."""
    return path is not None and f"{path}/".startswith(folder.rstrip("/") + "/")


@dataclass(frozen=True)
class Process:
    """One process as /proc shows it from the seat; kernel threads and zombies are not among them."""

    pid: int
    """Its number in the seat's own pid namespace."""
    ppid: int
    """Its parent's; 0 where the parent is in a pid namespace outside."""
    uid: int
    """Real user id, in the seat's own user namespace: proc_pid_status(5)."""
    start: int
    """When it started, in clock ticks since boot. With pid, its identity: proc_pid_stat(5)."""
    session: int
    """Session id: setsid(2)."""
    comm: str
    """Name of at most 15 bytes: proc_pid_comm(5)."""
    cmdline: Annotated[tuple[str, ...], Field(min_length=1)]
    exe: str | None
    """Path of the program that runs, seen from the seat: proc_pid_exe(5). None where it cannot be read."""
    cwd: str | None
    root: str
    """Its root directory, seen from the seat: proc_pid_root(5). "/" also after a pivot_root(2): then see root_id."""
    root_id: tuple[int, int] | None
    """Device and inode of its root directory: the same directory has the same, whatever its path."""
    pwd: str | None
    """PWD of its initial environment: where the shell that started it stood."""
    ns: Mapping[str, int]
    """Inode of each namespace: namespaces(7). Has also pid_for_children and time_for_children."""
    nspid: tuple[int, ...]
    """Its pid in each pid namespace from the seat's to its own: NSpid of proc_pid_status(5)."""
    uid_map: tuple[tuple[int, int, int], ...]
    """(first id inside, first id outside, how many): user_namespaces(7)."""
    gid_map: tuple[tuple[int, int, int], ...]
    cgroup: Mapping[str, str]
    """Path by controller, "" for version 2: cgroups(7)."""
    unit: str | None
    """The systemd service that it runs in, whoever made that; None in a session or under a user's own manager."""
    service: str | None
    """The same where it came with a package; None for what systemd-run(1), a person or an exercise made."""
    container: bool
    """Whether it lives in a container of Docker's (told by its cgroup)."""
    caps: Mapping[str, int]
    """Capability sets as bit masks: Inh, Prm, Eff, Bnd, Amb: capabilities(7)."""
    no_new_privs: int
    seccomp: int
    """0 off, 1 strict, 2 filter: seccomp(2)."""
    proc_shows: int | None
    """Inode of the pid namespace that /proc shows in its own root; None where no procfs is mounted there."""

    @property
    def is_init_of_namespace(self) -> bool:
        """Whether it is pid 1 of a pid namespace below the seat's own: pid_namespaces(7)."""
        return len(self.nspid) > 1 and self.nspid[-1] == 1

    @property
    def is_by_hand(self) -> bool:
        """Neither part of a packaged service nor of a container that Docker made."""
        return self.service is None and not self.container

    @property
    def name(self) -> str:
        """The first word of its command line, without folders."""
        return self.cmdline[0].rsplit("/", 1)[-1] if self.cmdline[0] else self.comm

    def has_cap(self, number: int, set_: str = "Eff") -> bool:
        """Whether a capability, by its number in capability.h, is in one of its sets: capabilities(7)."""
        return bool(self.caps[set_] >> number & 1)

    @property
    def command(self) -> str:
        """Its command line in one string, at most 60 characters, to be named in a message."""
        line = " ".join(self.cmdline) or self.comm
        return line if len(line) <= 60 else line[:59] + "…"

    def stands_in(self, folder: str) -> bool:
        """Whether its cwd, root, program or PWD lies in this folder of the seat."""
        return any(within(path, folder) for path in (self.cwd, self.root, self.exe, self.pwd))


class Processes(Sequence[Process]):
    """Processes in order of pid, with the questions that tests ask. Each answer is again a Processes."""

    def __init__(self, found: Sequence[Process], init: Process) -> None:
        self._found = tuple(sorted(found, key=lambda process: process.pid))
        self._init = init
        self._sorted_by: dict[str, dict[object, list[Process]]] = {}
        """By what is asked of each process again and again: a check that asks it of thousands has to end as well."""

    @overload
    def __getitem__(self, index: int) -> Process: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Process]: ...
    def __getitem__(self, index: int | slice) -> Process | Sequence[Process]:
        return self._found[index]

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Process]:
        return iter(self._found)

    def __repr__(self) -> str:
        return f"Processes({', '.join(f'{process.pid} {process.comm}' for process in self)})"

    def where(self, condition: Callable[[Process], object]) -> Processes:
        """Those for which `condition(process)` is true."""
        return Processes([process for process in self if condition(process)], self._init)

    def with_(self, **values: object) -> Processes:
        """Those with these attributes: `.with_(comm="sleep", uid=0)`."""
        if values.keys() == {"pid"}:
            return self._of("pid", lambda process: process.pid, values["pid"])
        return self.where(lambda process: all(getattr(process, name) == value for name, value in values.items()))

    def _of(self, what: str, of: Callable[[Process], object], value: object) -> Processes:
        """Those of which `of`, called `what`, is this."""
        if what not in self._sorted_by:
            groups: dict[object, list[Process]] = {}
            for process in self:
                groups.setdefault(of(process), []).append(process)
            self._sorted_by[what] = groups
        return Processes(self._sorted_by[what].get(value, ()), self._init)

    def by_hand(self) -> Processes:
        """Without the services of the system and Docker's containers, which have namespaces of their own too."""
        return self.where(lambda process: process.is_by_hand)

    def outside(self, ns_type: NsType) -> Processes:
        """Those whose namespace of this type is not the one of the seat's pid 1."""
        return self.where(lambda process: process.ns.get(ns_type) != self._init.ns.get(ns_type))

    def inside(self, ns_type: NsType, inode: int) -> Processes:
        """Those in the namespace with this inode."""
        return self._of(f"ns {ns_type}", lambda process: process.ns.get(ns_type), inode)

    def sharing(self, ns_type: NsType, other: Process) -> Processes:
        """Those in the same namespace of this type as another process, itself included."""
        return self._of(f"ns {ns_type}", lambda process: process.ns.get(ns_type), other.ns.get(ns_type))

    def in_other_root(self) -> Processes:
        """Those whose root directory is not the seat's own directory: chroot(2), pivot_root(2)."""
        return self.where(lambda process: process.root_id not in (None, self._init.root_id))

    def rooted_in(self, path: str) -> Processes:
        """Those whose /proc/PID/root, as a path of the seat, is `path` or lies under it."""
        return self.where(lambda process: within(process.root, path))

    def standing_in(self, folder: str) -> Processes:
        """Those whose cwd, root, program or PWD lies in this folder."""
        return self.where(lambda process: process.stands_in(folder))

    def children_of(self, parent: Process) -> Processes:
        return self._of("ppid", lambda process: process.ppid, parent.pid)


def of_seat(found: Sequence[Process]) -> Processes:
    """All processes of a seat. Raises ValueError unless just one of them is pid 1."""
    inits = [process for process in found if process.pid == 1]
    if len(inits) != 1:
        raise ValueError(f"there are {len(inits)} processes with pid 1")
    return Processes(found, inits[0])
