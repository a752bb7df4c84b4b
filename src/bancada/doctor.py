"""What this computer can run, each found out by looking, and how to mend what it lacks."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bancada.host import available_memory, free_bytes
from bancada.inventory import Class
from bancada.providers.podman import Podman, is_cgroup_v2
from bancada.providers.subids import seats_that_fit
from bancada.providers.vagrant import VM_PACKAGES, Vagrant
from bancada.run import as_root, run
from bancada.ssh import loose_keys

GIB = 2**30


class Health(StrEnum):
    GOOD = "good"
    NOTE = "note"
    """Works, but know this."""
    LACK = "lack"
    """Something does not work; `mend` says how to get it."""


@dataclass(frozen=True)
class Diagnosis:
    subject: str
    health: Health
    says: str
    mend: str = ""


def examine(cls: Class) -> list[Diagnosis]:
    """All that matters for seats, in the order in which a person would mend it."""
    looks: list[Callable[[], Diagnosis]] = [
        _system,
        lambda: _podman(cls),
        _cgroups,
        lambda: _user_namespaces(cls),
        lambda: _disk(cls),
        _memory,
        _ssh,
        lambda: _keys(cls),
        lambda: _vagrant(cls),
    ]
    return [look() for look in looks]


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
    lack = Podman(cls).shared_root()
    if lack is None:
        says = f"each container seat has its own, so its root is nobody here; ids for {seats_that_fit()} seats"
        return Diagnosis("user namespaces", Health.GOOD, says)
    says = (
        f"container seats have none: {lack.what}, so root in a seat is root of this computer, and `up` asks for trust"
    )
    return Diagnosis("user namespaces", Health.NOTE, says, lack.mend)


def _disk(cls: Class) -> Diagnosis:
    place = Podman(cls).image_store() if shutil.which("podman") else Path("/var")
    free = free_bytes(place) / GIB
    if free < 3:
        return Diagnosis("disk", Health.LACK, f"{free:.1f} GiB free at {place}, 3 needed to bake", f"du -xh {place}")
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


def _keys(cls: Class) -> Diagnosis:
    if loose := loose_keys(cls.state):
        says = "others may read the class's private keys, and OpenSSH does not use such ones"
        return Diagnosis("keys", Health.LACK, says, f"chmod 600 {shlex.join(map(str, loose))}")
    return Diagnosis("keys", Health.GOOD, "nobody else may read them")


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
            "vagrant", Health.NOTE, f"{version}: {slow}", "./bancada up --provider vagrant, if you have the time"
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
