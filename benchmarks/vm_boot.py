"""What makes an emulated machine boot slowly: the same disk booted with one thing changed at a time.

    .venv/bin/python benchmarks/vm_boot.py DISK.qcow2 [--rounds 2] [--only NAME]... > docs/evidence/vm-boot-DATE.md

DISK is a box's image: `box.img` in Vagrant's store, or from a box that `bake --provider vagrant --export` wrote. Each
machine is a copy-on-write child of it, started by QEMU without libvirt; it is up when its SSH server greets.
Rounds take turns, so that what else the computer does falls on all variants alike; compare the ratios.
"""

from __future__ import annotations

import argparse
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

DEADLINE = 900.0
USUAL = {
    "accel": "tcg,thread=multi", "cpu": "EPYC", "smp": "2", "memory": "2048", "cache": "unsafe", "rng": "yes",
    "memory backing": "anonymous",
}  # fmt: skip
VARIANTS: dict[str, dict[str, str]] = {
    "as seats are": {},
    "CPU model qemu64": {"cpu": "qemu64"},
    "CPU model max": {"cpu": "max"},
    "one emulator thread for all CPUs": {"accel": "tcg,thread=single"},
    "translation cache of 64 MiB": {"accel": "tcg,thread=multi,tb-size=64"},
    "translation cache of 1 GiB": {"accel": "tcg,thread=multi,tb-size=1024"},
    "one CPU": {"smp": "1"},
    "four CPUs": {"smp": "4"},
    "disk cache writethrough": {"cache": "writethrough"},
    "memory in a file of tmpfs": {"memory backing": "file"},
    "no random generator": {"rng": "no"},
    "1 GiB of memory": {"memory": "1024"},
}


def argv(child: Path, port: int, console: Path, values: dict[str, str]) -> list[str]:
    words = [
        "qemu-system-x86_64", "-accel", values["accel"], "-cpu", values["cpu"], "-smp", values["smp"],
        "-m", values["memory"], "-display", "none", "-monitor", "none", "-serial", f"file:{console}",
        "-drive", f"file={child},if=virtio,cache={values['cache']}",
        "-nic", f"user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:{port}-:22",
    ]  # fmt: skip
    if values["rng"] == "yes":
        words += ["-device", "virtio-rng-pci"]
    if values["memory backing"] == "file":
        words += ["-object", f"memory-backend-file,id=ram,size={values['memory']}M,mem-path=/dev/shm,share=on"]
        words += ["-machine", "memory-backend=ram"]
    return words


def greeted(port: int) -> bool:
    """Whether an SSH server greets there: QEMU itself takes the connection long before."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
            line.settimeout(2)
            return line.recv(4) == b"SSH-"
    except OSError:
        return False


def boot(disk: Path, folder: Path, values: dict[str, str]) -> float:
    """Seconds from QEMU's start to the greeting."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child, console = folder / "child.qcow2", folder / "console"
    child.unlink(missing_ok=True)
    made = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(disk), "-F", "qcow2", str(child)]
    subprocess.run(made, check=True)
    started = time.monotonic()
    machine = subprocess.Popen(argv(child, port, console, values), stdin=subprocess.DEVNULL)
    try:
        while not greeted(port):
            if machine.poll() is not None or time.monotonic() - started > DEADLINE:
                sys.exit(f"It did not come up with {values}; its console's end:\n{console.read_text()[-1000:]}")
            time.sleep(0.2)
        return time.monotonic() - started
    finally:
        machine.kill()
        machine.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("disk", type=lambda word: Path(word).resolve(strict=True))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", action="append", choices=VARIANTS, metavar="NAME")
    wanted = parser.parse_args()
    names = ["as seats are", *(name for name in wanted.only or VARIANTS if name != "as seats are")]
    print(f"Begun {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {platform.machine()}, {os.cpu_count()} CPUs, "
          f"load {os.getloadavg()[0]:.1f} before.\n")  # fmt: skip
    took: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory(prefix="bancada-boot-") as folder:
        for _ in range(wanted.rounds):
            for name in names:
                took[name].append(boot(wanted.disk, Path(folder), {**USUAL, **VARIANTS[name]}))
                print(f"{name}: {took[name][-1]:.1f} s", file=sys.stderr, flush=True)
    usual = statistics.median(took["as seats are"])
    print("| what is changed | to SSH, median | range | ratio |\n| --- | ---: | --- | ---: |")
    for name, seconds in took.items():
        middle = statistics.median(seconds)
        print(f"| {name} | {middle:.1f} s | {min(seconds):.1f}–{max(seconds):.1f} s | {middle / usual:.2f} |")
    print(f"\nEnded {datetime.now(UTC):%H:%M} UTC, load {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
