"""Whether this computer can run virtual machines for seats, and how to mend what it lacks."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from bancada.reach.run import run
from bancada.words.diagnosis import Diagnosis, Health, diagnosed

if TYPE_CHECKING:
    from bancada.providers.vagrant.provider import Vagrant


def diagnose(provider: Vagrant, packages: list[str]) -> list[Diagnosis]:
    """`packages` are all that virtual machines need."""
    return diagnosed({"vagrant": lambda: _vagrant(provider, packages)})


def _vagrant(provider: Vagrant, packages: list[str]) -> Diagnosis:
    if shutil.which("vagrant") is None:
        return Diagnosis(
            "vagrant",
            Health.NOTE,
            "not installed: seats are containers, not virtual machines",
            f"sudo apt-get install {' '.join(packages)}",
        )
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
