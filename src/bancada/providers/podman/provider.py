"""System containers under Podman: systemd as init, sshd, a Docker of their own. For computers where no VM can run.

A seat is a container whose root user may do almost everything that namespaces and Docker need. With a user namespace
of its own (cgroup v2 and a `containers` range in /etc/subuid) that root is nobody outside; without one it is the
computer's root, so `up` makes such seats only for people whom their instructor trusts.
"""

from __future__ import annotations

import io
import json
import os
import resource
import shlex
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bancada import records
from bancada.inventory import MOST_AT_ONCE, Class, Seat
from bancada.providers.base import BaseSystem, Change, Lack, Machine, MachineState, Made, foreign, made_by_us
from bancada.providers.podman import diagnosis, firewall, subids
from bancada.providers.podman.cgroups import is_cgroup_v2, mount_left_controllers
from bancada.reach import host
from bancada.reach.host import which
from bancada.reach.paths import write_whole
from bancada.reach.run import CommandFailed, Completed, as_root, run
from bancada.reach.ssh import Address, new_key
from bancada.words.diagnosis import Diagnosis
from bancada.words.errors import BenchError

IMAGES = "localhost/bancada"
OWNER = "bancada.owner"
SEAT = "bancada.seat"
HOST_KEY = "bancada.host-key"
CAPABILITIES = (
    "SYS_ADMIN,SYS_CHROOT,NET_ADMIN,NET_RAW,SYS_PTRACE,MKNOD,SETFCAP,SETPCAP,AUDIT_WRITE,SYS_NICE,SYS_TIME,"
    "DAC_READ_SEARCH,IPC_LOCK,SYSLOG,LINUX_IMMUTABLE"
)
CUSTOMIZE = Path(__file__).parent / "container.sh"
STOP_SECONDS = 10
NO_IDS = ("could not find enough available IDs", "not enough unused IDs in user namespace")
"""Podman's words where the ranges are used up, of 4.3 and of 5.4: containers/storage, userns.go."""
MOST = 20_000
"""Open files, and processes, of one seat."""
SPARE = MOST_AT_ONCE + 1
"""Seats beyond those of the class: proofs side by side, a seat that is being renewed."""
PACKAGES = {"podman": "podman", "crun": "crun", "mmdebstrap": "mmdebstrap"}
NETAVARK = "/usr/lib/podman/netavark"
"""Podman's network program; Debian gives it no place in PATH."""


class Podman(Made):
    name = "podman"
    base = BaseSystem(
        options=(f'--customize-hook=sh {shlex.quote(str(CUSTOMIZE))} "$1"',), made_of=(CUSTOMIZE.read_text(),)
    )

    def __init__(self, cls: Class) -> None:
        self.cls = cls

    # What this computer can do

    def lacks(self) -> list[Lack]:
        missing = [package for program, package in {**PACKAGES, **_firewall()}.items() if which(program) is None]
        if missing:
            return [Lack(f"{' and '.join(missing)} not installed.", f"sudo apt-get install {' '.join(missing)}")]
        return []

    def reluctance(self) -> str:
        return ""

    def diagnose(self) -> list[Diagnosis]:
        return diagnosis.diagnose(self)

    @property
    def patience(self) -> float:
        return host.patience()

    def prepare_host(self) -> list[str]:
        """Let the runtime start containers, and seats reach the network."""
        return [*mount_left_controllers(), *firewall.let_through()]

    def shared_root(self, seats: Sequence[str] = ()) -> Lack | None:
        if lack := _no_user_namespace():
            return lack
        if shared := self._sharing(seats):
            mend = f"./bancada restore {' '.join(shared)}, which makes them anew and loses what was done there"
            return Lack(f"these were made without a user namespace: {', '.join(shared)}", mend)
        return None

    def _sharing(self, seats: Sequence[str]) -> list[str]:
        """Those of these seats that were made without a user namespace of their own."""
        ours = {machine.id: seat for seat, machine in made_by_us(self.machines()).items() if seat in seats}
        if not ours:
            return []
        # Not UsernsMode, which is empty until a container's first start, and may be so again after a boot.
        told = _podman("inspect", "--format", "{{.Id}}{{with .HostConfig.IDMappings}} own{{end}}", *ours, check=False)
        return [seat for id, seat in ours.items() if id in told.stdout.splitlines()]

    def changes(self) -> list[Change]:
        """Ids for the seats of this class, beside those that other containers of this computer may have."""
        if not is_cgroup_v2():
            return []
        others = [one for one in _listing() if not self._is_expected(one)]
        seats = len(self.cls.seats) + SPARE + len(others)
        if (wanted := subids.missing(seats)) is None:
            return []

        def make() -> None:
            # The note first: what was added is known whenever we are killed, and what was not is nowhere.
            noted = dict.fromkeys([*_read(self._added).splitlines(), str(wanted)])
            write_whole(self._added, "".join(f"{line}\n" for line in noted))
            subids.add(wanted)

        return [
            Change(f"{wanted} is added to /etc/subuid and /etc/subgid: ids for {seats} seats, nobody's outside", make)
        ]

    def kept_on_computer(self) -> list[tuple[str, str]]:
        if any(_is_ours(one) for one in _listing()):
            return []
        listed = _podman("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").stdout.split()
        images = " ".join(image for image in listed if image.startswith(f"{IMAGES}/"))
        kept = [("the images of seats, from which `up` is quick", f"podman image rm {images}")] if images else []
        ranges = [found for line in _read(self._added).splitlines() if (found := subids.parse(line))]
        stand = [one for one in ranges if subids.stands(one)]
        kept += [(f"{one} in /etc/subuid and /etc/subgid, the ids of seats", one.undo) for one in stand]
        kept += [("what lets seats through the firewall until the next boot", undo) for undo in firewall.undo()]
        return [(what, undo if os.geteuid() == 0 else f"sudo {undo}") for what, undo in kept]

    def _is_expected(self, entry: dict[str, Any]) -> bool:
        """Whether a container is one of those for which this class has ids anyway."""
        labels = entry.get("Labels") or {}
        return labels.get(OWNER) == self._owner() and self.cls.may_make(labels.get(SEAT, ""))

    # Seats

    def machines(self) -> dict[str, Machine]:
        found = {}
        prefix = self._container("")
        for entry in _listing():
            name = entry["Names"][0]
            if name.startswith(prefix):
                machine = self._machine(name.removeprefix(prefix), entry)
                if machine.state is not MachineState.FOREIGN or self.cls.may_make(machine.seat):
                    found[machine.seat] = machine
        return found

    def create(self, seat: Seat, image: str, admin_key: str) -> Machine:
        # An overlay, as students make by hand, cannot have its upper directory on the seat's own overlay.
        options = ["--volume", "/home/student/exercises"]
        return self._create(seat, image, admin_key, options, own_root=_no_user_namespace() is None)

    def create_bare(self, seat: Seat, image: str, admin_key: str, packages: Path) -> Machine:
        # What root of it keeps among our files has to be our own.
        options = ["--volume", f"{packages}:/var/cache/apt/archives"]
        return self._create(seat, image, admin_key, options, own_root=False)

    def _create(self, seat: Seat, image: str, admin_key: str, more: Sequence[str], *, own_root: bool) -> Machine:
        """`own_root`: its root is nobody outside. `more` are options of `podman create`."""
        host_key = new_key(seat.name, self.cls.state.folder)
        public = " ".join(host_key.public.split()[:2])
        name = self._container(seat.name)
        options = [
            "--name", name, "--hostname", seat.name, "--systemd=always", "--publish", "127.0.0.1::22",
            "--label", f"{OWNER}={self._owner()}", "--label", f"{SEAT}={seat.name}",
            "--label", f"{HOST_KEY}={public}",
            "--ulimit", f"nofile={_limit(resource.RLIMIT_NOFILE)}",
            "--ulimit", f"nproc={_limit(resource.RLIMIT_NPROC)}",
            "--device-cgroup-rule", "c *:* rwm", "--device-cgroup-rule", "b *:* rwm",
            "--security-opt", "seccomp=unconfined", "--security-opt", "unmask=ALL",
            "--security-opt", "apparmor=unconfined", "--volume", "/var/lib/docker", *more,
        ]  # fmt: skip
        options += [f"--userns=auto:size={subids.IDS}", "--cap-add=ALL"] if own_root else ["--cap-add", CAPABILITIES]
        if seat.variables.bancada_memory:
            options += ["--memory", seat.variables.bancada_memory]
        try:
            # Whatever other containers run under: in a user namespace runc leaves a sysfs that nobody in it can make
            # writable, beside which the kernel lets `ip netns exec` mount no other (mount_namespaces(7)).
            command = ["--runtime", "crun", "create", *options, f"{IMAGES}/{image}", "/lib/systemd/systemd"]
            id = _podman(*command, timeout=120).stdout.split()[-1]
        except CommandFailed as error:
            if any(words in error.done.stderr for words in NO_IDS):
                raise BenchError(
                    f"No ids are left for a user namespace of {seat.name}'s own.",
                    where=f"{subids.SUBUID}, {subids.SUBGID}",
                    next=f"./bancada --yes up {self.cls.seats[0].name}, which adds what the class lacks; "
                    "sudo podman ps --all shows who else has some",
                ) from error
            raise
        try:
            self._put_identity(name, host_key.private, host_key.public, admin_key)
            self._start("start", name)
            port = int(_podman("port", name, "22/tcp").stdout.split()[0].rpartition(":")[2])
        except BaseException:
            _podman("rm", "--force", "--volumes", "--time", "0", name, check=False)
            raise
        address = Address("127.0.0.1", port, public)
        return Machine(seat.name, id, f"container {name}", MachineState.RUNNING, image, address)

    def bakes(self, seat: Seat) -> bool:
        return True

    def start(self, machine: Machine) -> Machine:
        try:
            self._start("unpause" if machine.state is MachineState.PAUSED else "start", machine.id)
        except CommandFailed as error:
            if "address already in use" in error.done.stderr and machine.address:
                port = machine.address.port
                raise BenchError(
                    f"{machine.seat} is entered by port {port} of this computer, and another program has it.",
                    where=machine.name,
                    next=f"ss -ltnp 'sport = :{port}'; end that program, then ./bancada up {machine.seat}",
                ) from error
            raise
        return replace(machine, state=MachineState.RUNNING)  # its port is its own for as long as it is there

    def _start(self, *words: str) -> None:
        """From a folder of ours: what watches the container stays where Podman was called, and leaves a file `oom`
        there when a memory limit is hit (https://github.com/containers/conmon/blob/main/src/cgroup.c)."""
        _podman(*words, timeout=180, cwd=self.cls.state.sockets)

    def stop(self, machine: Machine) -> None:
        if machine.state is MachineState.PAUSED:  # Podman refuses to stop it
            _podman("unpause", machine.id, timeout=120)
        _podman("stop", "--time", str(STOP_SECONDS), machine.id, timeout=120)

    def reconnect(self, machine: Machine) -> None:
        """Publish its port anew: a firewall that is started or reloaded on the computer cuts all seats off."""
        _podman("network", "reload", machine.id, check=False)

    def last_words(self, machine: Machine) -> str:
        """The last complaints of its sshd and PAM, or of anybody there; of one that ended, how."""
        if machine.state is not MachineState.RUNNING:
            how = _asked("inspect", "--format", "ended with {{.State.ExitCode}}", machine.id)
            return " / ".join([*how, *_asked("logs", "--tail", "3", machine.id)])
        journal = "exec", machine.id, "journalctl", "--quiet", "--no-pager", "--output=cat", "--lines=3"
        said = _asked(*journal, "--identifier=sshd", "--identifier=sshd-session", "--priority=err")
        return " / ".join(said or _asked(*journal, "--priority=err"))

    def snapshot(self, machine: Machine) -> None:
        """A new container is as quick as one brought back."""

    def restore(self, machine: Machine) -> bool:
        return False

    def restart(self, machine: Machine) -> Machine:
        self._start("restart", "--time", str(STOP_SECONDS), machine.id)
        return replace(machine, state=MachineState.RUNNING)

    def destroy(self, machine: Machine) -> None:
        if machine.state is MachineState.FOREIGN:
            raise foreign(machine)
        _podman("rm", "--force", "--volumes", "--time", "0", machine.id, timeout=120)

    # Images

    def image_store(self) -> Path:
        info = json.loads(_podman("info", "--format", "json").stdout)
        return Path(info["store"]["graphRoot"])

    def has_image(self, tag: str) -> bool:
        return _podman("image", "exists", f"{IMAGES}/{tag}", check=False).ok

    def import_base(self, archive: Path, tag: str) -> None:
        _podman("import", "--quiet", str(archive), f"{IMAGES}/{tag}", timeout=900)

    def commit(self, machine: Machine, tag: str) -> None:
        self.stop(machine)
        _podman("commit", "--quiet", machine.id, f"{IMAGES}/{tag}", timeout=900)

    def offer(self, seat: Seat, tag: str) -> None:
        """Podman's own tools know nothing of seats."""

    def export(self, tag: str, folder: Path) -> list[Path]:
        """An archive for `podman load`."""
        file = folder / f"bancada-{tag.replace(':', '-')}.oci.tar"
        file.unlink(missing_ok=True)
        _podman("save", "--quiet", "--format", "oci-archive", "--output", str(file), f"{IMAGES}/{tag}", timeout=900)
        return [file]

    # Inside

    @property
    def _added(self) -> Path:
        """The ranges of ids that were added on this computer, by any class of this checkout; one a line."""
        return self.cls.state.folder.parents[1] / "subids"

    def _container(self, seat: str) -> str:
        return f"bancada-{self.cls.name}-{seat}"

    def _owner(self) -> str:
        """Tells this class's own containers from those of another checkout that has a class of the same name."""
        return records.owner(self.cls.state)

    def _machine(self, seat: str, entry: dict[str, Any]) -> Machine:
        labels = entry.get("Labels") or {}
        container = f"container {entry['Names'][0]}"
        if labels.get(OWNER) != self._owner():
            return Machine(seat, entry["Id"], container, MachineState.FOREIGN, entry["Image"], None)
        ports = [port["host_port"] for port in entry.get("Ports") or [] if port["container_port"] == 22]
        address = Address("127.0.0.1", ports[0], labels[HOST_KEY]) if ports else None
        image = entry["Image"].removeprefix(f"{IMAGES}/")
        return Machine(seat, entry["Id"], container, _state(entry), image, address)

    def _put_identity(self, container: str, host_private: str, host_public: str, admin_key: str) -> None:
        """Put the seat's host key and our public key in before its first start: no moment with another key."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for path, text, mode in (
                ("etc/ssh/ssh_host_ed25519_key", host_private, 0o600),
                ("etc/ssh/ssh_host_ed25519_key.pub", host_public + "\n", 0o644),
                ("home/bancada/.ssh/authorized_keys", admin_key + "\n", 0o644),
            ):
                entry = tarfile.TarInfo(path)
                entry.size, entry.mode = len(text.encode()), mode
                tar.addfile(entry, io.BytesIO(text.encode()))
        # Podman leaves a copy of what it reads from a pipe in its TMPDIR: a private key, so in a folder that goes away.
        with tempfile.TemporaryDirectory(dir=self.cls.state.folder) as folder:
            words = ["env", f"TMPDIR={folder}", "podman", "cp", "-", f"{container}:/"]
            run(as_root(words), input=archive.getvalue())


def _state(entry: dict[str, Any]) -> MachineState:
    """After a reboot of the computer Podman calls every container `created`: only the moment of its start tells one
    that students worked in from one that was never started, whose keys may be missing."""
    if entry["StartedAt"] <= 0 or entry["State"] == "removing":
        return MachineState.HALF_MADE
    known = {"running": MachineState.RUNNING, "paused": MachineState.PAUSED}
    return known.get(entry["State"], MachineState.STOPPED)


def _no_user_namespace() -> Lack | None:
    """Systemd starts in a user namespace on cgroup v2 only, and one needs ids that are nobody's."""
    if not is_cgroup_v2():
        return Lack("on cgroup version 1 systemd does not start in a user namespace", "")
    if subids.seats_that_fit() == 0:
        return Lack("/etc/subuid and /etc/subgid have no ids for containers", "./bancada --yes up, which adds them")
    return None


def _podman(*words: str, timeout: float = 60, check: bool = True, cwd: Path | None = None) -> Completed:
    return run(as_root(["podman", *words]), timeout=timeout, check=check, cwd=cwd)


def _asked(*words: str) -> list[str]:
    """The lines of an answer that helps if there is one."""
    try:
        done = _podman(*words, timeout=15, check=False)
    except BenchError:
        return []
    return [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()] if done.ok else []


def _listing() -> list[dict[str, Any]]:
    """All containers of this computer, whoever made them."""
    listing: list[dict[str, Any]] = json.loads(_podman("ps", "--all", "--format", "json").stdout or "[]")
    return listing


def _is_ours(entry: dict[str, Any]) -> bool:
    """Whether a class made this container, be it this one or another."""
    return OWNER in (entry.get("Labels") or {})


def _firewall() -> dict[str, str]:
    """The program that makes seats' ports reachable, and its package: Debian 13's netavark calls nft, 12's iptables."""
    if Path(NETAVARK).exists():
        told = json.loads(run([NETAVARK, "version"]).stdout)
        if told.get("default_fw_driver") == "nftables":
            return {"nft": "nftables"}
    return {"iptables": "iptables"}


def _limit(kind: int) -> str:
    """What a class needs, or what we may give where that is less: raising a limit can be forbidden (setrlimit(2))."""
    hard = resource.getrlimit(kind)[1]
    limit = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    return f"{limit}:{limit}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
