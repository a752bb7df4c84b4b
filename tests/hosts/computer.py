"""A stock Debian computer, emulated, and maria who works at it over SSH."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

from image import Image, bundle_checkout, cache

PERSON = "maria"
CHECKOUT = "Área de Trabalho/bancada"
"""Where the checkout lies in her home: a path as people have them."""
SECONDS = 900
"""The longest that a boot may take, on a computer that is busy with other things."""
BOOT = "root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet"


class Computer:
    """One computer on a copy-on-write child of an image; a context manager, after which nothing of it is left.

    `drive` is the image of a file system that it sees as /dev/vdb; what it writes there is gone with it.
    It is emulated, so this runs wherever QEMU is; where KVM works, BANCADA_HOSTS_ACCEL="-accel kvm" makes it quick.
    """

    def __init__(self, image: Image, *, drive: Path | None = None) -> None:
        self.image, self.drive = image, drive
        self.port = _free_port()
        self._folder = tempfile.TemporaryDirectory(dir=cache(), prefix="running-")
        self.folder = Path(self._folder.name)
        self.console = self.folder / "console.log"
        self._qemu: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Computer:
        try:
            self.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *why: object) -> None:
        self._end()

    def _end(self) -> None:
        if self._qemu is not None:
            self._qemu.kill()
            self._qemu.wait()
        self._folder.cleanup()

    def start(self) -> None:
        """Switch it on, and wait until maria can come in."""
        drives = []
        for backing in filter(None, (self.image.disk, self.drive)):
            child = self.folder / f"{backing.stem}.qcow2"
            if not child.exists():
                made = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(backing), "-F", "raw", str(child)]
                subprocess.run(made, check=True)
            drives += ["-drive", f"file={child},format=qcow2,if=virtio,cache=unsafe,discard=unmap"]
        accelerator = shlex.split(os.environ.get("BANCADA_HOSTS_ACCEL") or "-accel tcg,thread=multi")
        self._qemu = subprocess.Popen(
            [
                "qemu-system-x86_64", "-machine", "q35", *accelerator, "-cpu", "max", "-smp", "2", "-m", "6144",
                "-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd), "-append", BOOT,
                *drives,
                "-nic", f"user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:{self.port}-:22",
                "-device", "virtio-rng-pci", "-display", "none", "-monitor", "none", "-serial", f"file:{self.console}",
            ],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait()

    def _wait(self, *, after: str = "") -> None:
        """Until she can come in; where *after* is given, until it is another boot than that."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            assert self._qemu is not None and self._qemu.poll() is None, f"QEMU ended; {self._last_words()}"
            done = self.run("cat /proc/sys/kernel/random/boot_id", timeout=120)
            if done.returncode == 0 and done.stdout.strip() != after:
                return
            time.sleep(1)
        raise AssertionError(f"no SSH after {SECONDS} s; {self._last_words()}")

    def _said(self) -> str:
        """All that the console said so far."""
        return self.console.read_text(errors="replace") if self.console.exists() else ""

    def _last_words(self) -> str:
        return f"the console's end: {self._said()[-2000:]}"

    def ssh(self) -> list[str]:
        """The command that enters it as maria."""
        return [
            "ssh", "-i", str(self.image.key), "-p", str(self.port), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
            "-o", "ConnectTimeout=60", "-o", "ServerAliveInterval=30", "-o", "ServerAliveCountMax=20",
            f"{PERSON}@127.0.0.1",
        ]  # fmt: skip

    def run(
        self, command: str, *, timeout: float = SECONDS, stdin: IO[bytes] | int = subprocess.DEVNULL
    ) -> subprocess.CompletedProcess[str]:
        """What one command line of hers says and ends with: in her login shell and language, both outputs as one."""
        argv = [*self.ssh(), f"bash -lc {shlex.quote(command)} 2>&1"]
        try:
            done = subprocess.run(argv, stdin=stdin, capture_output=True, text=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired as error:
            said = error.stdout.decode(errors="replace") if isinstance(error.stdout, bytes) else ""
            return subprocess.CompletedProcess(argv, 124, f"{said}\nno end within {timeout:.0f} s", "")
        # An emulator's fault, seen once in two days; nothing that is typed after it means anything.
        panicked = done.returncode == 255 and "Kernel panic" in self._said()
        assert not panicked, f"its kernel panicked; {self._last_words()}"
        return done

    def sh(self, command: str, *, timeout: float = SECONDS) -> str:
        """What a command that must end well says."""
        done = self.run(command, timeout=timeout)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def bring_checkout(self) -> None:
        """Put what is committed here into her folder, as a clone would."""
        bundle_checkout(self.folder / "bundle")
        with (self.folder / "bundle").open("rb") as bundle:
            done = self.run("cat >bundle", stdin=bundle)
            assert done.returncode == 0, done.stdout
        folder = shlex.quote(CHECKOUT)
        self.sh(f"git init -q -b main {folder} && cd {folder} && git pull -q ~/bundle HEAD && rm ~/bundle")

    @property
    def pid(self) -> int:
        """The process that emulates it."""
        assert self._qemu is not None
        return self._qemu.pid

    def wait_for_the_end(self) -> None:
        """Until somebody switches it off."""
        assert self._qemu is not None
        self._qemu.wait()

    def reboot(self) -> None:
        before = self.sh("cat /proc/sys/kernel/random/boot_id")
        self.run("sudo systemctl reboot", timeout=120)
        self._wait(after=before)

    def power_off(self) -> None:
        """Switch it off as a person does; `start` switches it on again."""
        self.run("sudo systemctl poweroff", timeout=120)
        assert self._qemu is not None
        self._qemu.wait(timeout=SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
