"""A machine with a kernel of its own, for tests that break it, reboot it and see it mended: QEMU, with no libvirt.

It is emulated (TCG), so these tests run wherever QEMU is; where KVM works, BANCADA_QEMU="-accel kvm" makes them quick.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bancada.reach.run import as_root

ROOT = Path(__file__).parents[2]
BASE = ROOT / "src/bancada/seats/base"
VM = ROOT / "src/bancada/providers/vagrant/files"
SECONDS = 900  # the longest that a boot may take, on a computer that is busy with other things
PACKAGES = (
    "systemd,systemd-sysv,dbus,libpam-systemd,udev,openssh-server,python3,python3-apt,sudo,iproute2,ca-certificates,"
    "linux-image-cloud-amd64,initramfs-tools,zstd,grub-pc-bin,grub2-common,systemd-resolved,cloud-guest-utils,fdisk,procps,kmod"
)
PLAY = """- hosts: all
  become: true
  gather_facts: false
  roles:
    - role: kernel
"""


@dataclass(frozen=True)
class Played:
    """What a run of the role did: how many tasks changed something, and what it said when it failed."""

    changed: int
    message: str


def make_disk(folder: Path, key: Path) -> Path:
    """The disk of a bare Debian machine that boots and admits *key*; by the scripts that make every such disk."""
    archive, disk = folder / "base.tar", folder / "base.qcow2"
    vm = shlex.quote(str(VM))
    public = shlex.quote(key.with_suffix(".pub").read_text().strip())
    hooks = [
        f'--essential-hook=sh {vm}/essential.sh "$1"',
        f'--customize-hook=sh {shlex.quote(str(BASE))}/customize.sh "$1"',
        f'--customize-hook=sh {vm}/customize.sh "$1" {public}',
    ]
    argv = ["mmdebstrap", "--quiet", "--variant=minbase", "--dpkgopt=force-unsafe-io", f"--include={PACKAGES}", *hooks]
    subprocess.run(as_root([*argv, "trixie", str(archive)]), check=True, timeout=3600)
    uuid = "6b616e63-6164-4111-8222-333344445555"
    made = ["sh", str(VM / "disk.sh"), str(archive), str(disk), str(4 * 2**30), uuid]
    subprocess.run(as_root(made), check=True, timeout=1800)
    subprocess.run(as_root(["chown", f"{os.geteuid()}:{os.getegid()}", str(archive), str(disk)]), check=True)
    archive.unlink()
    return disk


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Machine:
    """One machine on a copy-on-write child of a disk."""

    def __init__(self, folder: Path, disk: Path, key: Path) -> None:
        self.folder, self.key, self.port = folder, key, free_port()
        self.console = folder / "console.log"
        self.child = folder / "child.qcow2"
        child = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(disk), "-F", "qcow2", str(self.child)]
        subprocess.run(child, check=True)
        self.qemu: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        accelerator = shlex.split(os.environ.get("BANCADA_QEMU", "-accel tcg,thread=multi"))
        network = f"user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:{self.port}-:22"
        self.qemu = subprocess.Popen(
            [
                "qemu-system-x86_64", *accelerator, "-smp", "2", "-m", "1024", "-display", "none", "-monitor", "none",
                "-serial", f"file:{self.console}", "-drive", f"file={self.child},if=virtio,cache=unsafe",
                "-nic", network, "-device", "virtio-rng-pci",
            ],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self.wait()

    def stop(self) -> None:
        if self.qemu is not None:
            self.qemu.kill()
            self.qemu.wait()

    def wait(self, *, after: str = "") -> None:
        """Until it answers; where *after* is given, until it is another boot than that."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            assert self.qemu is not None and self.qemu.poll() is None, "QEMU ended"
            done = self.run("cat /proc/sys/kernel/random/boot_id", timeout=120)
            if done.returncode == 0 and done.stdout.strip() != after:
                return
            time.sleep(1)
        raise AssertionError(f"no SSH after {SECONDS} s; the console's end: {self.console.read_text()[-2000:]}")

    def ssh_options(self) -> list[str]:
        mux = ["-o", "ControlMaster=auto", "-o", f"ControlPath={self.folder}/mux", "-o", "ControlPersist=60"]
        own = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
        alive = ["-o", "ConnectTimeout=60", "-o", "ServerAliveInterval=30", "-o", "ServerAliveCountMax=20"]
        return ["-i", str(self.key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", *mux, *own, *alive]

    def run(self, script: str, timeout: float = SECONDS) -> subprocess.CompletedProcess[str]:
        """Run *script* by sh as root."""
        argv = ["ssh", *self.ssh_options(), "-p", str(self.port), "vagrant@127.0.0.1", "sudo sh -eu"]
        try:
            return subprocess.run(argv, input=script, capture_output=True, text=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(argv, 255, "", "time-out")

    def sh(self, script: str) -> str:
        done = self.run(script)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def reboot(self) -> None:
        before = self.sh("cat /proc/sys/kernel/random/boot_id")
        self.run("systemctl reboot", timeout=60)
        subprocess.run(
            ["ssh", *self.ssh_options(), "-O", "exit", "vagrant@127.0.0.1"], capture_output=True, check=False
        )
        self.wait(after=before)

    def apply(self, **variables: Any) -> Played:
        """Run the role over SSH, as a bake does."""
        play, inventory = self.folder / "play.yml", self.folder / "hosts.json"
        play.write_text(PLAY)
        host = {
            "ansible_host": "127.0.0.1",
            "ansible_port": self.port,
            "ansible_user": "vagrant",
            "ansible_ssh_common_args": shlex.join(self.ssh_options()),
            **variables,
        }
        inventory.write_text(json.dumps({"all": {"hosts": {"machine": host}}}))
        environment: Mapping[str, str] = {
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_STDOUT_CALLBACK": "bancada_events",
            "ANSIBLE_TIMEOUT": "120",
        }
        done = subprocess.run(
            [sys.executable, "-m", "ansible", "playbook", "-i", str(inventory), str(play)],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=3600, check=False,
        )  # fmt: skip
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        failed = [event for event in events if event["event"] in ("failed", "unreachable")]
        counts = [event["hosts"]["machine"] for event in events if event["event"] == "stats"]
        assert counts, done.stdout + done.stderr
        return Played(counts[0]["changed"], failed[0]["message"] if failed else "")
