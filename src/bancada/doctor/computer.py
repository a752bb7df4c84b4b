"""What this computer can run, each found out by looking, and how to mend what it lacks."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bancada.doctor import of_class
from bancada.inventory import Class
from bancada.providers.podman import firewall
from bancada.providers.podman.provider import Podman, is_cgroup_v2
from bancada.providers.podman.subids import seats_that_fit
from bancada.providers.vagrant.provider import VM_PACKAGES, Vagrant
from bancada.reach.host import available_memory, free_bytes
from bancada.reach.paths import Project
from bancada.reach.run import as_root, run
from bancada.words.diagnosis import Diagnosis, Health
from bancada.words.errors import BancadaError

GIB = 2**30


def examine(project: Project) -> list[Diagnosis]:
    """All that matters for seats, in the order in which a person would mend it. A look that breaks is told as that, and
    where no class can be read, the computer is looked at all the same."""
    cls, readable = of_class.read(project)
    looks: dict[str, Callable[[], Diagnosis]] = {
        "system": _system,
        "state": lambda: of_class.state(project),
        "keys": lambda: of_class.keys(cls),
        "runtime folder": lambda: of_class.runtime(cls),
        "podman": lambda: _podman(cls),
        "cgroups": _cgroups,
        "user namespaces": lambda: _user_namespaces(cls),
        "firewall": _firewall,
        "disk": lambda: _disk(cls),
        "memory": _memory,
        "ssh": _ssh,
        "vagrant": lambda: _vagrant(cls),
    }
    return [readable, *(_look(subject, look) for subject, look in looks.items())]


def _look(subject: str, look: Callable[[], Diagnosis]) -> Diagnosis:
    try:
        return replace(look(), subject=subject)
    except BancadaError as error:
        return Diagnosis(subject, Health.LACK, error.what, error.next or error.where)
    except OSError as error:
        mend = f"ls -ld {shlex.quote(str(error.filename))}"
        return Diagnosis(subject, Health.LACK, f"{error.strerror or error}: {error.filename}", mend)


def _system() -> Diagnosis:
    kernel = os.uname()
    return Diagnosis("system", Health.GOOD, f"{_os_name()}, kernel {kernel.release}, {kernel.machine}")


def _podman(cls: Class) -> Diagnosis:
    lacks = Podman(cls).lacks()
    if lacks:
        return Diagnosis("podman", Health.LACK, lacks[0].what, lacks[0].mend)
    info = run(as_root(["podman", "info"]), check=False)
    if not info.ok:
        return Diagnosis("podman", Health.LACK, f"it does not work: {info.last_words}", "sudo podman info")
    version = run(["podman", "--version"]).stdout.split()[-1]
    return Diagnosis("podman", Health.GOOD, f"version {version}: container seats can run here")


def _cgroups() -> Diagnosis:
    if is_cgroup_v2():
        return Diagnosis("cgroups", Health.GOOD, "version 2")
    unified = Path("/sys/fs/cgroup/unified/cgroup.controllers")
    if unified.exists() and unified.read_text().strip():
        return Diagnosis(
            "cgroups",
            Health.NOTE,
            f"version 1, and {unified.read_text().strip()} still in the unified hierarchy; `up` mounts it as version 1",
        )
    return Diagnosis("cgroups", Health.GOOD, "version 1")


def _user_namespaces(cls: Class) -> Diagnosis:
    seats = [seat.name for seat in cls.seats] if shutil.which("podman") else []
    lack = Podman(cls).shared_root(seats)
    if lack is None:
        says = f"each container seat has its own, so its root is nobody here; ids for {seats_that_fit()} seats"
        return Diagnosis("user namespaces", Health.GOOD, says)
    says = f"not all container seats have one: {lack.what}; their root is root of this computer, and `up` wants trust"
    return Diagnosis("user namespaces", Health.NOTE, says, lack.mend)


def _firewall() -> Diagnosis:
    """What `up` cannot open itself, since somebody else's rules say it."""
    if closed := firewall.closed():
        chain = closed[0]
        says = f"the chain {chain} forwards only what it names: where seats reach no network, admit their bridge there"
        return Diagnosis("firewall", Health.NOTE, says, f"sudo /usr/sbin/nft list chain {shlex.join(chain.split(' '))}")
    return Diagnosis("firewall", Health.GOOD, "nothing known to keep seats from the network")


def _disk(cls: Class) -> Diagnosis:
    place = Podman(cls).image_store() if shutil.which("podman") else Path("/var")
    free = free_bytes(place) / GIB
    if free < 3:
        return Diagnosis(
            "disk",
            Health.LACK,
            f"{free:.1f} GiB free at {place}, 3 needed to bake",
            f"du -xh {shlex.quote(str(place))}",
        )
    return Diagnosis("disk", Health.GOOD, f"{free:.0f} GiB free at {place}")


def _memory() -> Diagnosis:
    free = available_memory() / GIB
    if free < 1:
        return Diagnosis("memory", Health.LACK, f"{free:.1f} GiB available, 1 needed for a seat", "close something")
    return Diagnosis("memory", Health.GOOD, f"{free:.1f} GiB available")


def _ssh() -> Diagnosis:
    if shutil.which("ssh") and shutil.which("ssh-keygen"):
        return Diagnosis("ssh", Health.GOOD, run(["ssh", "-V"]).stderr.strip().split(",")[0])
    return Diagnosis("ssh", Health.LACK, "OpenSSH's client is not installed", "sudo apt-get install openssh-client")


def _vagrant(cls: Class) -> Diagnosis:
    if shutil.which("vagrant") is None:
        return Diagnosis(
            "vagrant",
            Health.NOTE,
            "not installed: seats are containers, not virtual machines",
            f"sudo apt-get install {' '.join(VM_PACKAGES)}",
        )
    provider = Vagrant(cls)
    if lacks := provider.lacks():
        return Diagnosis(
            "vagrant", Health.NOTE, f"seats cannot be virtual machines here: {lacks[0].what}", lacks[0].mend
        )
    version = run(["vagrant", "--version"], timeout=120, check=False).stdout.strip()
    if slow := provider.reluctance():
        return Diagnosis(
            "vagrant", Health.NOTE, f"{version}: {slow}", "./bancada up --provider vagrant takes them nonetheless"
        )
    return Diagnosis("vagrant", Health.GOOD, f"{version}: virtual machines boot here")


def _os_name() -> str:
    try:
        for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
            if line.startswith("PRETTY_NAME="):
                return line.partition("=")[2].strip('"')
    except OSError:
        pass
    return "an unknown system"
