"""Measures what Bancada costs on this computer, each figure by the commands that a person types.

    ./bancada --version && .venv/bin/python benchmarks/run.py [--no-bake] > docs/evidence/benchmarks-DATE.md

It works in a state folder and, for the bakes, a Podman store of its own, and takes down all that it made.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
STARTS = 10
THREE = ["-e", "chroot/minimal-root", "-e", "namespaces/uts", "-e", "namespaces/pid"]
INVENTORY = "all:\n  hosts:\n    seat-01:\n    seat-02:\n"
VARIABLES = (
    "bancada_class: bench{pid}\nbancada_course: fundamentos\nbancada_provider: podman\nbancada_trust_students: true\n"
)


class Workplace:
    """A class of its own in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"bench{os.getpid()}"
        (folder / "inventory" / "group_vars").mkdir(parents=True)
        (folder / "inventory" / "hosts.yml").write_text(INVENTORY)
        (folder / "inventory" / "group_vars" / "all.yml").write_text(VARIABLES.format(pid=os.getpid()))
        self.env = {
            **os.environ,
            "BANCADA_STATE": str(folder / "state"),
            "BANCADA_INVENTORY": str(folder / "inventory"),
        }

    def bancada(self, *words: str, expect: tuple[int, ...] = (0,)) -> float:
        """Seconds that `./bancada words` took; ends the program where it did not end as expected."""
        started = time.perf_counter()
        done = subprocess.run(
            ["./bancada", *words], cwd=ROOT, env=self.env, capture_output=True, text=True, check=False
        )
        took = time.perf_counter() - started
        if done.returncode not in expect:
            sys.exit(f"./bancada {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return took

    def commands(self) -> list[str]:
        log = self.folder / "state" / "classes" / self.name / "commands.log"
        return [line for line in log.read_text().splitlines() if not line.startswith("#")]

    def trips(self, before: int) -> int:
        """SSH round trips among the commands, but for the first `before`."""
        return sum(line.startswith("ssh ") for line in self.commands()[before:])


def repeated(times: int, action: Callable[[], float]) -> list[float]:
    return [action() for _ in range(times)]


def told(name: str, command: str, seconds: list[float], aim: str = "") -> None:
    middle = statistics.median(seconds)
    spread = f"{min(seconds):.2f}–{max(seconds):.2f}" if len(seconds) > 1 else ""
    print(f"| {name} | `{command}` | {middle:.2f} | {spread} | {len(seconds)} | {aim} |", flush=True)


def bakes(folder: Path) -> None:
    """Two bakes in a Podman store of their own: without and with the packages of the first."""
    place = Workplace(folder / "bake")
    store = folder / "store"
    conf = folder / "storage.conf"
    conf.write_text(f'[storage]\ndriver = "overlay"\ngraphroot = "{store}/graph"\nrunroot = "{store}/run"\n')
    place.env["CONTAINERS_STORAGE_CONF"] = str(conf)
    try:
        told("bake, nothing cached", "./bancada bake", [place.bancada("bake")])
        subprocess.run(["podman", "rmi", "--all", "--force"], env=place.env, check=True, capture_output=True)
        told("bake, packages cached", "./bancada bake", [place.bancada("bake")])
    finally:
        # Not `podman system reset`: it also forgets the containers of every other store on this computer.
        subprocess.run(["podman", "rmi", "--all", "--force"], env=place.env, check=False, capture_output=True)
        subprocess.run(["umount", f"{store}/graph/overlay"], check=False, capture_output=True)


def start_times(place: Workplace) -> list[float]:
    """Create to SSH answering, from the baked image, as `up` itself reports its step."""
    found = []
    for _ in range(STARTS):
        done = subprocess.run(
            ["./bancada", "up", "seat-02"], cwd=ROOT, env=place.env, capture_output=True, text=True, check=True
        )
        step = re.search(r"✓ starting seat-02 \(([\d.]+) s\)", done.stderr)
        assert step, done.stderr
        found.append(float(step[1]))
        place.bancada("down", "seat-02", "--yes")
    return found


def life(folder: Path) -> None:
    place = Workplace(folder / "life")
    try:
        place.bancada("up")
        told("seat start: create to SSH answering", "./bancada up seat-02", start_times(place), "≤ 6 s")
        told("second up", "./bancada up", repeated(5, lambda: place.bancada("up")), "≤ 5 s")
        for title, words in (("three exercises", THREE), ("the whole course", [])):
            shown = " ".join(["./bancada stage seat-01", *words])
            stages = []
            for _ in range(3):
                place.bancada("reset", "seat-01", "--yes", *words)
                stages.append(place.bancada("stage", "seat-01", *words))
            told(f"stage of {title}", shown, stages)
            told("the same again, nothing to do", shown, [place.bancada("stage", "seat-01", *words)])
        one = "check", "seat-01", "-e", "namespaces/uts"
        place.bancada(*one, expect=(1,))
        before = len(place.commands())
        seconds = repeated(5, lambda: place.bancada(*one, expect=(1,)))
        trips = place.trips(before)
        told("check of one exercise", "./bancada check seat-01 -e namespaces/uts", seconds, "≤ 1 s")
        before = len(place.commands())
        whole = repeated(5, lambda: place.bancada("check", "seat-01", expect=(1,)))
        all_trips = place.trips(before)
        told("check of the whole course, nothing solved", "./bancada check seat-01", whole, "≤ 10 s")
        place.bancada("solve", "seat-01")
        solved = repeated(5, lambda: place.bancada("check", "seat-01"))
        told("check of the whole course, all solved", "./bancada check seat-01", solved, "≤ 10 s")
        told("the same program doing nothing", "./bancada --version", repeated(5, lambda: place.bancada("--version")))
        print(f"\nSSH round trips of a check: {trips / 5:.0f} of one, {all_trips / 5:.0f} of the course.")
    finally:
        place.bancada("down", "--all", "--yes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-bake", action="store_true", help="leave out the two bakes")
    options = parser.parse_args()
    print(f"# Benchmarks, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n")
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, kernel {platform.release()}, load before: {load:.2f}. `benchmarks/run.py`.\n")
    print("| what | command | median s | range s | runs | aim |\n| --- | --- | --- | --- | --- | --- |", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="bancada-benchmark-"))
    try:
        if not options.no_bake:
            bakes(folder)
        life(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
