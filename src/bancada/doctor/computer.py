"""What this computer has for seats, whoever makes them, each found out by looking, and how to mend what it lacks. What
a provider needs besides, it tells itself."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bancada.doctor import of_class
from bancada.judge.pool import why_open
from bancada.providers import MAKERS
from bancada.reach.host import available_memory
from bancada.reach.paths import Project
from bancada.reach.run import run
from bancada.words.diagnosis import Diagnosis, Health, diagnosed

GIB = 2**30


def examine(project: Project) -> list[Diagnosis]:
    """All that matters for seats, in the order in which a person would mend it. A look that breaks is told as that, and
    where no class can be read, the computer is looked at all the same."""
    cls, readable = of_class.read(project)
    found = diagnosed(
        {
            "system": _system,
            "state": lambda: of_class.state(project),
            "keys": lambda: of_class.keys(cls),
            "runtime folder": lambda: of_class.runtime(cls),
            "memory": _memory,
            "ssh": _ssh,
            "judge": _judge,
        }
    )
    # Who needs least of this computer comes first: `choose` begins with the one that gives most.
    of_providers = [one for make in reversed(MAKERS.values()) for one in make(cls).diagnose()]
    return [readable, *found, *of_providers]


def _system() -> Diagnosis:
    kernel = os.uname()
    return Diagnosis("system", Health.GOOD, f"{_os_name()}, kernel {kernel.release}, {kernel.machine}")


def _memory() -> Diagnosis:
    free = available_memory() / GIB
    if free < 1:
        return Diagnosis("memory", Health.LACK, f"{free:.1f} GiB available, 1 needed for a seat", "close something")
    return Diagnosis("memory", Health.GOOD, f"{free:.1f} GiB available")


def _ssh() -> Diagnosis:
    if shutil.which("ssh") and shutil.which("ssh-keygen"):
        return Diagnosis("ssh", Health.GOOD, run(["ssh", "-V"]).stderr.strip().split(",")[0])
    return Diagnosis("ssh", Health.LACK, "OpenSSH's client is not installed", "sudo apt-get install openssh-client")


def _judge() -> Diagnosis:
    if why := why_open():
        return Diagnosis("judge", Health.NOTE, f"checks run without being shut in, and could read your files: {why}")
    return Diagnosis("judge", Health.GOOD, "checks run shut in: without network, keys and files")


def _os_name() -> str:
    try:
        for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
            if line.startswith("PRETTY_NAME="):
                return line.partition("=")[2].strip('"')
    except OSError:
        pass
    return "an unknown system"
