"""Whether a virtual machine can be booted here, found out by booting one: a device file alone proves nothing.

The kernel is started without any disk. It says its version, finds nothing to mount and gives up, which is all that is
asked of it. The answer is remembered until the kernel, QEMU or the right to use /dev/kvm changes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bancada.reach.paths import write_whole
from bancada.reach.run import CommandFailed, run
from bancada.words.errors import BenchError

QEMU = "qemu-system-x86_64"
KVM = Path("/dev/kvm")
SECONDS = {"kvm": 30.0, "tcg": 120.0}
"""How long the kernel may take to its end. With KVM it needs about one second, emulated about ten on an idle CPU."""


class Driver(StrEnum):
    """What runs a machine's CPU, as libvirt names it."""

    KVM = "kvm"
    QEMU = "qemu"
    """Emulated: works everywhere, and is some ten times slower."""


@dataclass(frozen=True)
class Booted:
    """The driver that boots a machine, None where none does; and in one sentence why not a better one."""

    driver: Driver | None
    says: str


def probe(cache: Path) -> Booted:
    """Boot a kernel with KVM, and emulated where that fails; or what was found the last time."""
    key = _computer()
    kept = cache / "vm-boot.json"
    try:
        known = json.loads(kept.read_text(encoding="utf-8"))
        if known["computer"] == key:
            return Booted(Driver(known["driver"]) if known["driver"] else None, known["says"])
    except (OSError, ValueError, KeyError):
        pass  # never asked, or not by this version
    found = _boot(cache)
    cache.mkdir(parents=True, exist_ok=True)
    write_whole(kept, json.dumps({"computer": key, "driver": found.driver, "says": found.says}, indent=2) + "\n")
    return found


def forget(cache: Path) -> None:
    (cache / "vm-boot.json").unlink(missing_ok=True)


def _boot(cache: Path) -> Booted:
    kernel = _kernel(cache)
    if not KVM.exists():
        why = "this computer has no /dev/kvm: its CPU cannot, or its firmware is not set to, run virtual machines"
    elif not os.access(KVM, os.R_OK | os.W_OK):
        why = "/dev/kvm is not yours to use (sudo adduser $USER kvm, then log in anew)"
    elif _starts("kvm", kernel):
        return Booted(Driver.KVM, "a kernel was booted with KVM")
    else:
        why = f"/dev/kvm is there, but a kernel that was booted with it did not get through in {SECONDS['kvm']:.0f} s"
    if _starts("tcg", kernel):
        return Booted(Driver.QEMU, f"machines are emulated, some ten times slower: {why}")
    return Booted(None, f"no kernel boots in QEMU, not even emulated; and {why}")


def _starts(accelerator: str, kernel: Path) -> bool:
    argv = [
        QEMU, "-accel", accelerator, "-m", "256", "-nodefaults", "-no-user-config", "-display", "none",
        "-serial", "stdio", "-no-reboot", "-kernel", str(kernel), "-append", "console=ttyS0 panic=-1",
    ]  # fmt: skip
    said: list[str] = []
    try:
        done = run(argv, timeout=SECONDS[accelerator], check=False, on_line=said.append)
    except CommandFailed:
        return False  # it hangs
    return done.ok and any("Linux version" in line for line in said) and any("Kernel panic" in line for line in said)


def _kernel(cache: Path) -> Path:
    """A kernel to boot: the computer's own where it may be read, else Debian's for clouds, fetched once."""
    own = sorted((path for path in Path("/boot").glob("vmlinuz-*") if os.access(path, os.R_OK)), reverse=True)
    if own:
        return own[0]
    kept = cache / "vm-kernel"
    if not kept.exists():
        folder = cache / "vm-kernel.part"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            asked = run(["apt-cache", "depends", "linux-image-cloud-amd64"]).stdout.split()
            package = next(word for word in asked if re.match(r"linux-image-\d", word))
            run(["apt-get", "download", "--quiet", package], cwd=folder, timeout=300)
            run(["dpkg-deb", "--extract", str(next(folder.glob("*.deb"))), str(folder / "x")])
            shutil.copy(next((folder / "x/boot").glob("vmlinuz-*")), kept)
        except (BenchError, StopIteration) as error:
            raise BenchError(
                f"There is no kernel to try whether virtual machines boot here: {error}",
                where="/boot, and apt",
                next="sudo apt-get update, then the same command again",
            ) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return kept


def _computer() -> list[str]:
    """What the answer depends on."""
    version = run([QEMU, "--version"], check=False).stdout.partition("\n")[0] if shutil.which(QEMU) else ""
    return [os.uname().release, version, str(KVM.exists() and os.access(KVM, os.R_OK | os.W_OK))]
