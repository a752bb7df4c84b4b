"""What this computer can give to container seats, each found out by looking, and how to mend what it lacks."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from bancada.providers.podman import firewall
from bancada.providers.podman.cgroups import is_cgroup_v2, left_controllers
from bancada.providers.podman.subids import seats_that_fit
from bancada.reach.host import free_bytes
from bancada.reach.run import as_root, run
from bancada.words.diagnosis import Diagnosis, Health, diagnosed

if TYPE_CHECKING:
    from bancada.providers.podman.provider import Podman

GIB = 2**30


def diagnose(provider: Podman) -> list[Diagnosis]:
    return diagnosed(
        {
            "podman": lambda: _podman(provider),
            "cgroups": _cgroups,
            "user namespaces": lambda: _user_namespaces(provider),
            "firewall": _firewall,
            "disk": lambda: _disk(provider),
        }
    )


def _podman(provider: Podman) -> Diagnosis:
    lacks = provider.lacks()
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
    if left := left_controllers():
        return Diagnosis(
            "cgroups",
            Health.NOTE,
            f"version 1, and {left} still in the unified hierarchy; `up` mounts it as version 1",
        )
    return Diagnosis("cgroups", Health.GOOD, "version 1")


def _user_namespaces(provider: Podman) -> Diagnosis:
    seats = [seat.name for seat in provider.cls.seats] if shutil.which("podman") else []
    lack = provider.shared_root(seats)
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


def _disk(provider: Podman) -> Diagnosis:
    place = provider.image_store() if shutil.which("podman") else Path("/var")
    free = free_bytes(place) / GIB
    if free < 3:
        return Diagnosis(
            "disk",
            Health.LACK,
            f"{free:.1f} GiB free at {place}, 3 needed to bake",
            f"du -xh {shlex.quote(str(place))}",
        )
    return Diagnosis("disk", Health.GOOD, f"{free:.0f} GiB free at {place}")
