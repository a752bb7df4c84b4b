"""What this computer has to give: programs, room on disk, memory."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

from bancada.reach.run import as_root, run

EMULATED = 8.0
"""How many times longer than on a real CPU everything may take on an emulated one."""


@cache
def patience() -> float:
    """How many times longer than on real hardware everything may take here: where this computer is a machine that QEMU
    emulates on another kind of processor, or without KVM, which systemd-detect-virt(1) tells apart."""
    virt = which("systemd-detect-virt")
    return EMULATED if virt and run([virt, "--vm"], check=False).stdout.strip() == "qemu" else 1.0


def which(program: str) -> str | None:
    """Where a program is; some people's PATH has no folder for administrators."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def free_bytes(path: Path) -> int:
    """Room left at a path, which may be one that only root can look at, as images are."""
    try:
        return shutil.disk_usage(path).free
    except PermissionError:
        return int(run(as_root(["df", "--output=avail", "--block-size=1", str(path)])).stdout.split()[-1])


def available_memory() -> int:
    """Bytes that could be used without swapping, as the kernel estimates it: MemAvailable of proc_meminfo(5)."""
    for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0
