"""`bancada test`: everything that proves the project; at the end what each part cost, and one honest line of counts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bancada.reach.environment import children
from bancada.reach.paths import Project

REPORTS = "BANCADA_TEST_REPORTS"
THEIRS = ("BANCADA_YES", "BANCADA_INVENTORY", "BANCADA_EXERCISES", "BANCADA_COURSES", "BANCADA_MOMENT")
QUIET_SECONDS = 60
"""So long may a part say nothing before it is told what it is at."""
LAST_LINES = 80
"""So many lines are said again at the end, of a part that broke or a failed test: the end alone tells why."""
LONGEST_LINE = 2000
EMULATED = "pytestmark = pytest.mark.vm"
"""In a file of tests that boots machines: those are emulated where there is no hardware for it, and take long."""
LONG = "pytestmark = pytest.mark.whole"
"""In a file of tests on seats that takes many minutes."""


@dataclass(frozen=True)
class Part:
    """One program that runs tests. Each of `files` has a test in `report`, or the part has failed."""

    name: str
    argv: Sequence[str]
    report: Path
    files: frozenset[str]


@dataclass
class Outcome:
    """What became of a part. `troubles` is why it failed where no test of its own says so."""

    code: int | None = None
    seconds: float = 0
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    """Of each failure, whose words they are, and what it said."""


def run_all(*, fast: bool, whole: bool) -> int:
    """Run all parts, whatever fails; 0 only where each part ended well, with all of its tests and none failed.

    What is baked once is needed by all who have seats, so the parts with seats go side by side.
    """
    # A job in the background inherits that Ctrl-C is ignored, and hands that on to all whom tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    project = Project.here()
    reports = project.state / "test-reports"
    reports.mkdir(parents=True, exist_ok=True)
    for old in [*reports.glob("*.xml"), *reports.glob("*.log")]:
        old.unlink()
    lanes = _lanes(project, reports, fast, whole)
    outcomes = {part.name: Outcome() for lane in lanes for part in lane}

    def run_lane(lane: Sequence[Part]) -> None:
        for part in lane:
            try:
                _run(project, reports, part, outcomes[part.name])
            except OSError as error:
                outcomes[part.name].troubles.append(f"it could not be run: {error}")

    threads = [threading.Thread(target=run_lane, args=[lane], daemon=True) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for lane in lanes:
        for part in lane:
            outcome = outcomes[part.name]
            _read(part, outcome)
            if outcome.troubles and (log := part.report.with_suffix(".log")).exists():
                outcome.said.append((part.name, log.read_text("utf-8", errors="replace")))
    return _conclude(outcomes)


def _lanes(project: Project, reports: Path, fast: bool, whole: bool) -> list[list[Part]]:
    """Two, for two processors, and about as long: what a lane holds runs one after the other."""

    def files(*folders: str) -> list[Path]:
        found = sorted(file for folder in folders for file in (project.root / folder).glob("test_*.py"))
        return [file for file in found if whole or LONG not in file.read_text("utf-8")]

    def part(name: str, short: str, argv: Sequence[str], files: Sequence[Path]) -> Part:
        names = frozenset(file.relative_to(project.root).with_suffix("").as_posix().replace("/", ".") for file in files)
        return Part(name, argv, reports / f"{short}.xml", names)

    def tests(name: str, short: str, files: Sequence[Path]) -> Part:
        pytest = [sys.executable, "-m", "pytest", "-v", "--durations=10", "--durations-min=5"]
        chosen = [] if whole else ["-m", "not whole"]
        paths = [str(file.relative_to(project.root)) for file in files]
        return part(name, short, [*pytest, *chosen, f"--junitxml={reports}/{short}.xml", *paths], files)

    quick = tests("lint and unit tests", "unit", files("tests/lint", "tests/unit", "tests/replay"))
    if fast:
        return [[quick]]
    emulated = [file for file in files("tests/e2e", "tests/vm") if EMULATED in file.read_text("utf-8")]
    ends = [file for file in files("tests/e2e") if file not in emulated]
    lent = [file for file in ends if file.name == "test_existing.py"]
    # Its verify step runs tests/states, with a report of its own.
    molecule = [sys.executable, "-m", "molecule", "test", "--no-command-borders"]
    if whole:
        molecule = ["env", "BANCADA_TEST_MARKS=whole or not whole", *molecule]
    lanes = [
        [tests("end to end", "e2e", [file for file in ends if file not in lent])],
        [quick, part("molecule", "states", molecule, files("tests/states")), tests("lent machines", "lent", lent)],
    ]
    if whole:
        lanes[1].append(tests("emulated machines", "vm", emulated))
        if hosts := files("tests/hosts"):
            lanes[1].append(tests("stock computers", "hosts", hosts))
    return lanes


def _run(project: Project, reports: Path, part: Part, outcome: Outcome) -> None:
    """Run one part to its end; what it says goes to the terminal line by line, and into a file."""
    started = time.monotonic()
    # Neither a person's own PYTEST_ADDOPTS nor what this command was told for them: a test has a class of its own.
    environment = {key: value for key, value in children({REPORTS: str(reports)}).items() if key not in THEIRS}
    log = part.report.with_suffix(".log")
    print(f"=== {part.name} begins; its words are kept in {log}", flush=True)
    with (
        log.open("wb") as kept,
        subprocess.Popen(
            part.argv, cwd=project.root, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
    ):  # fmt: skip
        speaker = _Speaker(part.name)
        threading.Thread(target=speaker.never_be_silent, args=[process], daemon=True).start()
        assert process.stdout is not None
        while said := os.read(process.stdout.fileno(), 65536):
            kept.write(said)
            kept.flush()
            speaker.hear(said.decode(errors="replace"))
        outcome.code = process.wait()
    outcome.seconds = time.monotonic() - started
    print(f"=== {part.name} ended with {outcome.code} after {_minutes(outcome.seconds)}", flush=True)


class _Speaker:
    """Tells what a part says; where it says nothing, at least each minute what it is at."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.begun, self.last = "", ""
        self.spoke = time.monotonic()

    def hear(self, said: str) -> None:
        *lines, self.begun = (self.begun + said).split("\n")
        for line in lines:
            self._say(line.rstrip())

    def never_be_silent(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None:
            time.sleep(1)
            if (silent := time.monotonic() - self.spoke) >= QUIET_SECONDS:
                self._say(f"... for {silent:.0f} s at: {self.begun.strip() or self.last}", keep=False)

    def _say(self, line: str, *, keep: bool = True) -> None:
        if line and keep:
            self.last = line
        self.spoke = time.monotonic()
        print(f"[{self.name}] {line}", flush=True)


def _read(part: Part, outcome: Outcome) -> None:
    """Count what the part's report says, and see that it says enough."""
    try:
        cases = list(ET.parse(part.report).iter("testcase"))
    except (OSError, ET.ParseError) as error:
        outcome.troubles.append(f"it left no report: {error}")
        return
    seen = set()
    for case in cases:
        name = f"{case.get('classname')}.{case.get('name')}"
        seen |= {file for file in part.files if name.startswith(f"{file}.")}
        if (skip := case.find("skipped")) is not None:
            outcome.skipped.append(f"{name}: {skip.get('message')}")
        elif wrong := [*case.iter("failure"), *case.iter("error")]:
            outcome.failed.append(name)
            outcome.said.append((name, wrong[0].text or wrong[0].get("message") or ""))
        else:
            outcome.passed += 1
    if absent := sorted(part.files - seen):
        outcome.troubles.append(f"none of their tests ran: {', '.join(absent)}")
    if outcome.skipped and not outcome.passed and not outcome.failed:
        outcome.troubles.append("all of its tests were skipped, which shows nothing")
    if outcome.code != 0 and not outcome.failed:
        outcome.troubles.append(f"it ended with {outcome.code}, and no failed test says why")


def _conclude(outcomes: dict[str, Outcome]) -> int:
    said = [pair for outcome in outcomes.values() for pair in outcome.said]
    # Those of a broken part last: who sees but the end of a long log sees why tests are missing.
    for whose, words in sorted(said, key=lambda pair: pair[0] in outcomes):
        print(f"\n=== the last of what {whose} said")
        print("\n".join(line[:LONGEST_LINE] for line in words.rstrip().splitlines()[-LAST_LINES:]))
    print("\n=== summary")
    for outcome in outcomes.values():
        for line in outcome.skipped:
            print(f"skipped: {line}")
    for name, outcome in outcomes.items():
        for line in outcome.failed:
            print(f"FAILED: {line}")
        for line in outcome.troubles:
            print(f"FAILED: {name}: {line}")
    for name, outcome in outcomes.items():
        print(f"{name}: {_counts([outcome])} in {_minutes(outcome.seconds)}")
    print(_counts(list(outcomes.values())))
    well = all(o.code == 0 and o.passed and not o.failed and not o.troubles for o in outcomes.values())
    return 0 if well else 1


def _counts(outcomes: Sequence[Outcome]) -> str:
    """A part that broke is one failure beside those of its tests."""
    failed = sum(len(outcome.failed) + len(outcome.troubles) for outcome in outcomes)
    return (
        f"{sum(outcome.passed for outcome in outcomes)} passed, {failed} failed, "
        f"{sum(len(outcome.skipped) for outcome in outcomes)} skipped"
    )


def _minutes(seconds: float) -> str:
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s" if seconds >= 60 else f"{seconds:.0f} s"
