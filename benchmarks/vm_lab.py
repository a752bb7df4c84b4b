"""The life of a class of two virtual machines, each step by the command that a person types, with what it took.

    .venv/bin/python benchmarks/vm_lab.py [--prove EXERCISE]... [--keep] > docs/evidence/vm-lab-DATE.md

Works in a state folder of its own and destroys what it made; the boxes stay in Vagrant's store. Where machines are
emulated it takes about an hour.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
INVENTORY = "all:\n  hosts:\n    seat-01:\n    seat-02:\n"
VARIABLES = "bancada_class: lab{pid}\nbancada_course: fundamentos\nbancada_language: en\nbancada_provider: vagrant\n"


class Lab:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "inventory" / "group_vars").mkdir(parents=True)
        (folder / "inventory" / "hosts.yml").write_text(INVENTORY)
        (folder / "inventory" / "group_vars" / "all.yml").write_text(VARIABLES.format(pid=os.getpid()))
        (folder / "state").mkdir()
        (ROOT / ".bancada" / "cache").mkdir(parents=True, exist_ok=True)
        (folder / "state" / "cache").symlink_to(ROOT / ".bancada" / "cache")
        own = {"BANCADA_STATE": str(folder / "state"), "BANCADA_INVENTORY": str(folder / "inventory")}
        self.env = {**os.environ, **own}

    def __call__(self, *words: str, expect: tuple[int, ...] = (0,), shown: int = 1) -> str:
        """Run one verb, print its row, and give back what it said. `shown`: how many of its last lines are told."""
        started = time.monotonic()
        done = subprocess.run(
            ["./bancada", *words], cwd=ROOT, env=self.env, capture_output=True, text=True, check=False
        )
        took = time.monotonic() - started
        sys.stderr.write(f"== {' '.join(words)}: {done.returncode}, {took:.0f} s\n{done.stderr}{done.stdout}\n")
        lines = [" ".join(line.split()) for line in done.stdout.splitlines() if line.strip(" ─")]
        said = " / ".join(lines[-shown:]) if shown else ""
        mark = "" if done.returncode in expect else f" **ended with {done.returncode}**"
        row = f"| `./bancada {' '.join(words)}` | {took:.0f} s | {said}{mark} |"
        print(row.replace(str(self.folder), "LAB"), flush=True)
        return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prove", action="append", default=[], metavar="EXERCISE")
    parser.add_argument("--keep", action="store_true", help="leave the machines")
    wanted = parser.parse_args()
    cpus, load = os.cpu_count(), os.getloadavg()[0]
    print(f"Begun {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {platform.machine()}, {cpus} CPUs, load {load:.1f} before.\n")
    print("| command | took | what it said last |\n| --- | ---: | --- |")
    with tempfile.TemporaryDirectory(prefix="bancada-lab-") as folder:
        lab = Lab(Path(folder))
        try:
            lab("bake", "--export", str(Path(folder) / "boxes"), shown=2)
            lab("up", "--all", shown=2)
            lab("up", "--all")
            lab("status", shown=2)
            lab("check", expect=(1,))
            lab("solve", "seat-01")
            lab("check", "seat-01")
            for name in wanted.prove:
                lab("prove", "seat-02", "-e", name, "--yes")
            boots = [lab("ssh", "--admin", "seat-01", "cat /proc/sys/kernel/random/boot_id")]
            lab("down", "--halt", "seat-01")
            lab("up", "seat-01", shown=1)
            boots.append(lab("ssh", "--admin", "seat-01", "cat /proc/sys/kernel/random/boot_id"))
            assert boots[0] != boots[1], "it was not booted anew"
            lab("restore", "seat-01", "--yes")
            lab("check", "seat-01", expect=(1,))
        finally:
            if not wanted.keep:
                lab("down", "--all", "--yes")
    print(f"\nEnded {datetime.now(UTC):%H:%M} UTC, load {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
