"""Typed reading of what seatside.py collected. The tests of exercises see a seat through these objects only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, overload

SCHEMA = 1
"""The version of the JSON document that this module reads (its field `evidence`)."""

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
    cmdline: tuple[str, ...]
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
    service: str | None
    """The systemd service of the system that it belongs to."""
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
        """Neither part of a system service nor of a container that Docker made."""
        return self.service is None and not self.container

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
        return self.where(lambda process: all(getattr(process, name) == value for name, value in values.items()))

    def by_hand(self) -> Processes:
        """Without the services of the system and Docker's containers, which have namespaces of their own too."""
        return self.where(lambda process: process.is_by_hand)

    def outside(self, ns_type: NsType) -> Processes:
        """Those whose namespace of this type is not the one of the seat's pid 1."""
        return self.where(lambda process: process.ns.get(ns_type) != self._init.ns.get(ns_type))

    def inside(self, ns_type: NsType, inode: int) -> Processes:
        """Those in the namespace with this inode."""
        return self.where(lambda process: process.ns.get(ns_type) == inode)

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
        return self.where(lambda process: process.ppid == parent.pid)


@dataclass(frozen=True)
class Mount:
    """One line of proc_pid_mountinfo(5)."""

    id: int
    parent: int
    root: str
    """Which directory of its filesystem is mounted: not "/" for most bind mounts; "pid:[…]" for a namespace's file."""
    target: str
    """Mount point, relative to the root of the process through which it was read."""
    fstype: str
    source: str
    options: tuple[str, ...]
    """Of the mount, then of the superblock."""


@dataclass(frozen=True)
class File:
    type: str
    """file, dir, link, fifo, socket, char or block."""
    mode: int
    """Permission bits, setuid and the like included."""
    size: int
    """Bytes."""
    target: str | None = None
    """Of a link: in an exercise's folder as written; in a Root where it ends inside that root, None if nowhere."""
    id: tuple[int, int] | None = None
    """Of a directory: device and inode."""


@dataclass(frozen=True)
class Elf:
    """A program of a root directory: elf(5), ld.so(8)."""

    interpreter: str | None
    """The loader that it names; None for a static program."""
    needs: tuple[str, ...]
    """Loader and libraries, transitively, as real paths inside the root."""
    missing: tuple[str, ...]
    """What of it the root lacks: such a program does not start."""


@dataclass(frozen=True)
class Folder:
    """An exercise's folder on the seat. Mount points in it are named, but not entered."""

    path: str
    files: Mapping[str, File]
    """By path relative to the folder."""
    truncated: bool
    """There were more than 3000 entries; the farther ones are left out."""


@dataclass(frozen=True)
class Root:
    """A root directory, other than the seat's own, that some process lives in; read through that process."""

    path: str
    id: tuple[int, int]
    mounts: tuple[Mount, ...]
    """What is mounted in it; targets are paths inside it. What lies in a mount is in neither files nor programs."""
    files: Mapping[str, File]
    """By path relative to it."""
    truncated: bool
    programs: Mapping[str, Elf]
    """ELF programs by their path inside it ("/bin/bash"); scripts are not among them."""
    libraries: tuple[str, ...]
    """All ELF libraries, the loader included, by their path inside it."""

    def program(self, path: str) -> Elf | None:
        """The program that a path inside it leads to, through symbolic links; None if none does."""
        file = self.files.get(path.lstrip("/"))
        return self.programs.get((file.target or "") if file and file.type == "link" else path)


@dataclass(frozen=True)
class UtsName:
    """What uname(2) says in one uts namespace: uts_namespaces(7)."""

    hostname: str
    domainname: str
    """NIS domain name; "(none)" unless set."""


@dataclass(frozen=True)
class Systemd:
    state: str
    """running, degraded, starting…: systemctl(1), is-system-running."""
    failed_units: tuple[str, ...]


@dataclass(frozen=True)
class Baseline:
    """What the seat was like before an exercise was staged for the first time."""

    hostname: str
    interfaces: tuple[str, ...]
    """Names of the network interfaces of the seat's own net namespace."""


@dataclass(frozen=True)
class Evidence:
    """What one seat's kernel showed at one moment."""

    kernel: str
    """Release, as uname -r."""
    hostname: str
    """The seat's own."""
    systemd: Systemd
    docker: Mapping[str, str]
    """ActiveState of Docker's `socket` and `service`: active, inactive, failed…"""
    cgroup_version: int
    """2 where the unified hierarchy is mounted at /sys/fs/cgroup: cgroups(7)."""
    staged: Mapping[str, Mapping[str, Any]]
    """The marker that staging left, by exercise: name, digest, variant."""
    baselines: Mapping[str, Baseline]
    """By exercise; none for one that is pristine."""
    processes: Processes
    uts: Mapping[int, UtsName]
    mounts: Mapping[int, tuple[Mount, ...]]
    folders: Mapping[str, Folder]
    roots: tuple[Root, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Evidence:
        """Raises ValueError where the seat refused, or where the document is of another version."""
        if "error" in data:
            raise ValueError(str(data["error"].get("message", data["error"])))
        if data.get("evidence") != SCHEMA:
            raise ValueError(f"evidence of version {data.get('evidence')!r}; this program reads version {SCHEMA}")
        found = [_process(one) for one in data["processes"]]
        return cls(
            kernel=data["kernel"],
            hostname=data["hostname"],
            systemd=Systemd(data["systemd"]["state"], tuple(data["systemd"]["failed_units"])),
            docker=data["docker"],
            cgroup_version=data["cgroup_version"],
            staged=data["staged"],
            baselines={
                name: Baseline(before["hostname"], tuple(before["interfaces"]))
                for name, before in data["baselines"].items()
            },
            processes=Processes(found, next(process for process in found if process.pid == 1)),
            uts={int(inode): UtsName(**names) for inode, names in data["uts"].items()},
            mounts={int(inode): _mounts(listed) for inode, listed in data["mounts"].items()},
            folders={
                name: Folder(folder["path"], _files(folder["files"]), folder["truncated"])
                for name, folder in data["folders"].items()
            },
            roots=tuple(_root(root) for root in data["roots"]),
        )

    @property
    def init(self) -> Process:
        """The seat's pid 1: its namespaces are the seat's own."""
        return self.processes.with_(pid=1)[0]

    def uts_of(self, process: Process) -> UtsName | None:
        """Names in the process's uts namespace; None where it could not be entered."""
        return self.uts.get(process.ns.get("uts", 0))

    def mounts_of(self, process: Process) -> tuple[Mount, ...]:
        """All mounts of the process's mount namespace."""
        return self.mounts.get(process.ns.get("mnt", 0), ())

    def folder(self, name: str) -> Folder | None:
        """The folder of an exercise ("namespaces/uts"); None where there is none."""
        return self.folders.get(name)

    def root_of(self, process: Process) -> Root | None:
        """Contents of the process's root directory; None for the seat's own, and for a container's image."""
        return next((root for root in self.roots if root.id == process.root_id), None)


def _pair(value: Sequence[int] | None) -> tuple[int, int] | None:
    return (value[0], value[1]) if value else None


def _process(data: Mapping[str, Any]) -> Process:
    maps = {name: tuple(tuple(line) for line in data[name]) for name in ("uid_map", "gid_map")}
    lists = {"cmdline": tuple(data["cmdline"]), "nspid": tuple(data["nspid"]), "root_id": _pair(data["root_id"])}
    return Process(**{**data, **maps, **lists})


def _mounts(listed: Sequence[Mapping[str, Any]]) -> tuple[Mount, ...]:
    return tuple(Mount(**{**mount, "options": tuple(mount["options"].split(","))}) for mount in listed)


def _files(listed: Mapping[str, Mapping[str, Any]]) -> dict[str, File]:
    return {path: File(**{**file, "id": _pair(file.get("id"))}) for path, file in listed.items()}


def _root(data: Mapping[str, Any]) -> Root:
    return Root(
        path=data["path"],
        id=(data["id"][0], data["id"][1]),
        mounts=_mounts(data["mounts"]),
        files=_files(data["files"]),
        truncated=data["truncated"],
        programs={
            path: Elf(one["interpreter"], tuple(one["needs"]), tuple(one["missing"]))
            for path, one in data["programs"].items()
        },
        libraries=tuple(data["libraries"]),
    )
