"""What a failed test on seats leaves: each seat's journal and evidence, and its class's log. Who comes to look later
finds the seat gone.

It lies in a folder of the test's own in `.bancada/test-artifacts`, which holds those of the newest run. Nothing here
ever raises: a failure must be seen whatever comes of looking at its seat. With BANCADA_TEST_KEEP=1 the seats stay.

A conftest takes over all hooks of this module. A fixture tells of its class by its value: a `Seats`, or what has one as
`seats`, or what has such a thing as `bancada`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bancada.onseat.seatside import program
from bancada.prove.testing import ARTIFACTS, KEEP, KEPT, LEFT
from bancada.reach.paths import ROOT, ClassState
from bancada.reach.private import private_folders
from bancada.reach.run import as_root

LINES = 200
SECONDS = 60
LONGEST_NAME = 150
EXERCISES = "/home/student/exercises"
FAILED = pytest.StashKey[bool]()
"""Whether a test has failed so far, its setting up included."""


@dataclass
class Seats:
    """The container seats of a class, wherever its state is."""

    name: str
    state: Path
    """The class's own folder in there."""
    failed: bool = field(default=False, compare=False)
    """Whether a test that had them has failed."""

    def containers(self) -> list[str]:
        listed = self._podman("ps", "--all", "--format", "{{.Names}}").stdout.decode().split()
        return [name for name in listed if name.startswith(f"bancada-{self.name}-")]

    def journal(self, container: str) -> bytes:
        return self._said("exec", container, "journalctl", "--no-pager", f"--lines={LINES}")

    def evidence(self, container: str) -> bytes:
        """The document of the collector, as a look from inside brings it, of all exercises that are staged there."""
        listed = self._said("exec", container, "sh", "-c", f"cd {EXERCISES} && ls -d */*").decode(errors="replace")
        names = [name for name in listed.splitlines() if re.fullmatch(r"[\w-]+/[\w-]+", name)]
        wanted = json.dumps({"exercises_root": EXERCISES, "exercises": names})
        argv = ("exec", "--interactive", container, "python3", "-", "collect", wanted)
        return self._said(*argv, input=program().encode())

    def log(self) -> bytes:
        return ClassState(self.state).log.read_bytes()

    def _said(self, *words: str, input: bytes = b"") -> bytes:
        done = self._podman(*words, input=input)
        return done.stdout if done.returncode == 0 else done.stdout + done.stderr

    def _podman(self, *words: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        argv = as_root(["podman", *words])
        return subprocess.run(argv, input=input, capture_output=True, check=False, timeout=SECONDS)


def folder() -> Path:
    """Where the artifacts of this run are."""
    return Path(os.environ.get(ARTIFACTS) or ROOT / ".bancada" / "test-artifacts")


def keeping() -> bool:
    return bool(os.environ.get(KEEP))


def file_name(test: str) -> str:
    """The id of a test, as a file may be named; never the same for two."""
    name = re.sub(r"[^\w.\[\]=,+-]+", "_", test.replace("::", "."))
    changed = name != test.replace("::", ".").replace("/", "_") or len(name) > LONGEST_NAME
    return name[:LONGEST_NAME] + (f"-{hashlib.sha256(test.encode()).hexdigest()[:8]}" if changed else "")


def leave(seats: Seats, test: str = "") -> Path:
    """Put down what these seats say, for a test or the one that runs; the folder. What of it cannot be had says why."""
    seats.failed = True
    test = test or os.environ.get("PYTEST_CURRENT_TEST", "outside of a test").rpartition(" (")[0]
    place = folder() / file_name(test)
    things: dict[str, Callable[[], bytes]] = {f"{seats.name}.log": seats.log}
    try:
        for name in seats.containers():
            things[f"{name}.journal"] = partial(seats.journal, name)
            things[f"{name}.evidence.json"] = partial(seats.evidence, name)
    except Exception as error:  # whatever is wrong here, the test's own failure counts
        things["containers"] = f"cannot be had: {error!r}\n".encode
    for name, ask in things.items():
        try:
            said = ask()
        except Exception as error:
            said = f"cannot be had: {error!r}\n".encode()
        try:
            place.mkdir(parents=True, exist_ok=True)
            if not (there := place / name).exists() or not said.startswith(b"cannot be had"):
                there.write_bytes(said)
        except OSError:
            continue
    return place


_kept: list[str] = []


def keep(seats: Seats) -> None:
    """Note for the end of the run that these seats stay, how they are entered, and how they are taken away."""
    try:
        for name in seats.containers():
            enter = shlex.join(as_root(["podman", "exec", "-it", name, "bash"]))
            away = shlex.join(as_root(["podman", "rm", "--force", "--volumes", name]))
            _note(f"container {name}\tenter: {enter}; take away: {away}")
        for sockets in private_folders(ClassState(seats.state).sockets_name):
            _note(f"folder for sockets {sockets}\ttake away: {shlex.join(['rm', '-r', str(sockets)])}")
    except Exception as error:
        _kept.append(f"what is kept of class {seats.name} could not be noted: {error!r}")


def _note(line: str) -> None:
    if line not in _kept:
        _kept.append(line)
        folder().mkdir(parents=True, exist_ok=True)
        with (folder() / KEPT).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def seats_of(item: pytest.Item) -> Iterator[Seats]:
    """The seats of all that the test's fixtures are by now."""
    seen: list[Seats] = []
    for value in getattr(item, "funcargs", {}).values():
        value = getattr(value, "bancada", value)
        value = getattr(value, "seats", value)
        if isinstance(value, Seats) and not any(value is one for one in seen):
            seen.append(value)
            yield value


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
        for seats in seats_of(item):
            leave(seats, item.nodeid)
        if (place := folder() / file_name(item.nodeid)).exists():
            report.sections.append(("what the seats left", f"journal, evidence and log: {place}"))
            told = (LEFT, str(place))
            for properties in (item.user_properties, report.user_properties):
                if told not in properties:
                    properties.append(told)
    return report


def pytest_collection_finish(session: pytest.Session) -> None:
    """A run by hand takes those of the one before away; `bancada test` does that itself, before its parts begin."""
    if not os.environ.get(ARTIFACTS) and session.items and not session.config.option.collectonly:
        shutil.rmtree(folder(), ignore_errors=True)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _kept:
        terminalreporter.section("kept seats")
        while _kept:
            terminalreporter.write_line(_kept.pop(0).replace("\t", "; "))
