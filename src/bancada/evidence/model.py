"""Typed reading of what seatside collected. The tests of exercises see a seat through these objects only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from reprlib import repr as brief
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, with_config

from bancada.evidence.processes import NsType, Process, Processes, of_seat, within
from bancada.evidence.reading import AS_SAID, OURS_ALONE, Free, in_short, of_json, read_as, sound

SCHEMA = 3
"""The version of the JSON document that this module reads (its field `evidence`)."""

UNITS = (".service", ".scope", ".slice", ".mount", ".socket", ".swap")
"""How the names of systemd's control groups end."""


THE_KERNELS = {
    *("autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs"),
    *("fusectl", "hugetlbfs", "mqueue", "nsfs", "proc", "pstore", "ramfs", "securityfs", "selinuxfs", "smackfs"),
    *("sysfs", "tmpfs", "tracefs"),
}
"""File systems that the kernel makes up, and that hold no file of a disk: filesystems(5), and the mounts of systemd."""


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
    options: Annotated[tuple[str, ...], read_as(str, lambda said: tuple(said.split(",")))]
    """Of the mount, then of the superblock."""

    @property
    def is_the_kernels(self) -> bool:
        """Whether what is mounted is made up by the kernel, whichever of those a computer happens to have."""
        return self.fstype in THE_KERNELS


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
    text: str | None = None
    """Of a regular file of at most 4096 bytes in an exercise's folder: what it says."""


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
class KeptNamespace:
    """A namespace that a bind mount of the seat keeps, whether or not a process is in it: namespaces(7)."""

    type: str
    inode: int
    path: str
    """Where it is mounted."""


@dataclass(frozen=True)
class Ipc:
    """Objects of one ipc namespace: ipc_namespaces(7)."""

    queues: Mapping[str, int]
    """POSIX message queues by name, without the slash, with the bytes that wait in each: mq_overview(7)."""
    msg: tuple[Mapping[str, int], ...]
    """System V message queues, with the columns of /proc/sysvipc/msg: key, msqid, perms, cbytes, qnum…"""
    shm: tuple[Mapping[str, int], ...]
    sem: tuple[Mapping[str, int], ...]


@dataclass(frozen=True)
class Interface:
    """One network interface: ip-link(8)."""

    name: str
    index: int
    peer_index: int | None
    """Of a veth: the index of its other end, in that one's namespace."""
    kind: str
    """veth, bridge, macvlan…; loopback or ether where it has no kind."""
    up: bool
    carrier: bool
    """Whether there is somebody at the other end of the line."""
    master: str | None
    """The bridge that it is attached to."""
    mac: str | None
    addresses: tuple[str, ...]
    """With prefix length: "10.0.0.1/24"."""
    received: int
    """Packets."""
    sent: int


@dataclass(frozen=True)
class Listener:
    """A socket that waits for clients, of TCP or UDP."""

    protocol: str
    address: str
    port: int
    pid: int | None
    """Of the process, as the seat sees it, that has it open; None if none could be seen."""


@dataclass(frozen=True)
class Network:
    """One net namespace: network_namespaces(7)."""

    interfaces: tuple[Interface, ...]
    routes: tuple[Mapping[str, Free], ...]
    """As `ip -json route` tells them: dst ("default"), gateway, dev, prefsrc…"""
    listeners: tuple[Listener, ...]

    def interface_with(self, address: str) -> Interface | None:
        """The interface that has this address, without prefix length."""
        return next((i for i in self.interfaces if address in [a.split("/")[0] for a in i.addresses]), None)


@dataclass(frozen=True)
class Cgroup:
    """One control group below the seat's own; of version 1 the hierarchies that have this path, put together."""

    path: Annotated[str, Field(default="")]
    """From the seat's own group: "/demo". In the document it is the key."""
    folders: tuple[str, ...]
    """Its directories under /sys/fs/cgroup."""
    pids: tuple[int, ...]
    """Processes that are in it, and in none below it, as the seat sees them."""
    memory_limit: int | None = None
    """Bytes; None where nothing is limited. So with the other two limits."""
    memory_used: int | None = None
    memory_peak: int | None = None
    """Most bytes ever used; None where this kernel does not keep it."""
    oom_kills: int = 0
    """Processes that the kernel killed because the limit was reached."""
    cpu_limit: float | None = None
    """CPUs: 0.5 is half of one."""
    throttled: int = 0
    """Periods in which its processes had to wait because their share was used up."""
    pids_limit: int | None = None
    pids_used: int | None = None
    forks_refused: int = 0

    @property
    def made_by_systemd(self) -> bool:
        """Whether it is a unit's: also of one that systemd-run(1) made."""
        return self.path.endswith(UNITS)

    @property
    def made_by_hand(self) -> bool:
        """Whether neither systemd, nor a service of its in a part of its own, nor Docker made it."""
        first = self.path.split("/")[1]
        return first not in ("docker", "buildkit") and not first.endswith(UNITS)


@dataclass(frozen=True)
class Engine:
    """What Docker's Engine API tells; each thing is a document as `docker inspect` prints it."""

    version: str = ""
    containers: tuple[Mapping[str, Free], ...] = ()
    images: tuple[Mapping[str, Free], ...] = ()
    """Of `docker image inspect`, and under History what /images/{id}/history says, newest layer first."""
    volumes: tuple[Mapping[str, Free], ...] = ()
    networks: tuple[Mapping[str, Free], ...] = ()

    def container(self, name: str) -> Mapping[str, Any] | None:
        """By its name."""
        return next((one for one in self.containers if one["Name"] == f"/{name}"), None)

    def image(self, tag: str) -> Mapping[str, Any] | None:
        """By a tag of it: "site:1"."""
        return next((one for one in self.images if tag in (one["RepoTags"] or [])), None)

    def volume(self, name: str) -> Mapping[str, Any] | None:
        return next((one for one in self.volumes if one["Name"] == name), None)

    def network(self, name: str) -> Mapping[str, Any] | None:
        return next((one for one in self.networks if one["Name"] == name), None)


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
class Probed:
    """How the probe.py of an exercise ended."""

    answer: Free = None
    """What it returned; None where it broke."""
    error: str = ""
    """How it broke; "" where it did not."""
    late: bool = False
    """Whether it was not done in time, which says nothing of its student's work."""


def _named(groups: Mapping[str, Cgroup]) -> tuple[Cgroup, ...]:
    return tuple(replace(group, path=path) for path, group in groups.items())


@with_config(OURS_ALONE)
@dataclass(frozen=True)
class Evidence:
    """What one seat's kernel showed at one moment."""

    kernel: str
    """Release, as uname -r."""
    hostname: str
    """The seat's own."""
    has: frozenset[str]
    """Capabilities that exercises may need and this seat was given; of those that are services see `services`."""
    systemd: Systemd
    services: Mapping[str, Mapping[str, str]]
    """By capability's service, the ActiveState of its `socket` and `service`: active, inactive, failed… Of docker also
    whether it `answers`: no, where it was asked and gave none."""
    cgroup_version: int
    """2 where the unified hierarchy is mounted at /sys/fs/cgroup: cgroups(7)."""
    staged: Mapping[str, Mapping[str, Free]]
    """The marker that staging left, by exercise: name, digest, variant."""
    baselines: Mapping[str, Baseline]
    """By exercise; none for one that is pristine."""
    processes: Annotated[Processes, read_as(tuple[Process, ...], of_seat)]
    uts: Mapping[int, UtsName]
    mounts: Mapping[int, tuple[Mount, ...]]
    folders: Mapping[str, Folder]
    roots: tuple[Root, ...]
    kept: tuple[KeptNamespace, ...]
    ipc: Mapping[int, Ipc]
    """By inode of the namespace; so the next ones."""
    networks: Mapping[int, Network]
    time_offsets: Mapping[int, Mapping[str, float]]
    """Seconds by which the clocks "monotonic" and "boottime" are shifted; the seat's own namespace is not there."""
    cgroup_views: Mapping[int, Mapping[str, str]]
    """By pid of a process in another cgroup namespace: its /proc/PID/cgroup as it sees it itself."""
    cgroups: Annotated[tuple[Cgroup, ...], read_as(Mapping[Annotated[str, Field(pattern="^/")], Cgroup], _named)]
    engine: Engine
    """Empty unless an exercise that needs Docker is among those looked at."""
    probes: Mapping[str, Probed]
    """By exercise; none for one that has no probe.py, or where the seat had no time for any."""

    @classmethod
    def from_json(cls, document: str | bytes) -> Evidence:
        """Raises ValueError, in one sentence, where the seat refused, and for all that is no sound evidence."""
        said = of_json(document)
        if "error" in said:
            refusal = said["error"]
            told = refusal.get("message", refusal) if isinstance(refusal, dict) else refusal
            raise ValueError(in_short(told if isinstance(told, str) else brief(told)))
        version = said.pop("evidence", None)
        if version == 2 and "docker" in said:  # as a class keeps it that was made by 0.1.0
            version, said["services"] = SCHEMA, {"docker": said.pop("docker")}
        if version != SCHEMA:
            raise ValueError(in_short(f"evidence of version {brief(version)}; this program reads version {SCHEMA}"))
        return sound(_READER, said)

    def seen_from(self, folder: str, exercises: str) -> Evidence:
        """The same, without the processes that lie in another folder under `exercises` than this exercise's own."""
        here = self.processes.where(lambda process: process.stands_in(folder) or not process.stands_in(exercises))
        return replace(self, processes=here)

    @property
    def init(self) -> Process:
        """The seat's pid 1: its namespaces are the seat's own."""
        return self.processes.with_(pid=1)[0]

    def uts_of(self, process: Process) -> UtsName | None:
        """Names in the process's uts namespace; None where it could not be entered."""
        return self.uts.get(process.ns.get("uts", 0))

    def ipc_of(self, process: Process) -> Ipc | None:
        """What is in the process's ipc namespace; None where it could not be entered."""
        return self.ipc.get(process.ns.get("ipc", 0))

    def network_of(self, process: Process) -> Network | None:
        """The process's net namespace; None where it could not be entered."""
        return self.networks.get(process.ns.get("net", 0))

    def time_offsets_of(self, process: Process) -> Mapping[str, float]:
        """Of its time namespace: {} in the seat's own."""
        return self.time_offsets.get(process.ns.get("time", 0), {})

    def cgroups_of(self, process: Process) -> tuple[Cgroup, ...]:
        """The groups that it is in: one of version 2; of version 1 there may be several."""
        return tuple(cgroup for cgroup in self.cgroups if process.pid in cgroup.pids)

    def living_in(self, cgroup: Cgroup, controller: str) -> Processes:
        """Those that a controller (memory, cpu, pids) counts to this group, or to one below it.

        Of version 1 a path is a group of its own in each hierarchy: who is in the one need not be in the other.
        """

        def path_of(process: Process) -> str | None:
            return process.cgroup.get(controller, process.cgroup.get(""))

        top = (path_of(self.init) or "/").removesuffix("/init.scope").rstrip("/")
        return self.processes.where(lambda process: within(path_of(process), top + cgroup.path))

    def kept_of(self, ns_type: NsType) -> tuple[KeptNamespace, ...]:
        return tuple(one for one in self.kept if one.type == ns_type)

    def mounts_of(self, process: Process) -> tuple[Mount, ...]:
        """All mounts of the process's mount namespace."""
        return self.mounts.get(process.ns.get("mnt", 0), ())

    def folder(self, name: str) -> Folder | None:
        """The folder of an exercise ("namespaces/uts"); None where there is none."""
        return self.folders.get(name)

    def root_of(self, process: Process) -> Root | None:
        """Contents of the process's root directory; None for the seat's own, and for a container's image."""
        return next((root for root in self.roots if root.id == process.root_id), None)


_READER: TypeAdapter[Evidence] = TypeAdapter(Annotated[Evidence, AS_SAID])
