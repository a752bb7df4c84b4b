"""`bancada test`: everything that proves the project; at the end what each part cost, and one honest line of counts.

What a failed test on seats left is in the folder that its line names; what tests left on this computer is a failure.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bancada.prove import leftovers
from bancada.prove.lanes import Part, lanes
from bancada.reach.environment import children
from bancada.reach.paths import Project
from bancada.words.errors import BancadaError

REPORTS = "BANCADA_TEST_REPORTS"
ARTIFACTS = "BANCADA_TEST_ARTIFACTS"
KEEP = "BANCADA_TEST_KEEP"
KEPT = "kept"
"""In the folder of artifacts: a line for each thing that stays on this computer. As `leftovers` names it, a tab, and
how it is entered and taken away."""
LEFT = "artifacts"
"""A property of a failed test in its report: the folder that holds what it left."""
THEIRS = ("BANCADA_YES", "BANCADA_INVENTORY", "BANCADA_EXERCISES", "BANCADA_COURSES", "BANCADA_MOMENT")
QUIET_SECONDS = 50
"""So long may a part say nothing before it is told what it is at."""
LAST_LINES = 80
"""So many lines are said again at the end, of a part that broke or a failed test: the end alone tells why."""
LONGEST_LINE = 2000
SLOWEST = 10


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
    took: list[tuple[float, str]] = field(default_factory=list)
    """The seconds of each test that ran."""
    left: dict[str, str] = field(default_factory=dict)
    """Of a failed test, the folder that holds what it left."""


def run_all(*, fast: bool, whole: bool, keep: bool = False) -> int:
    """Run all parts, whatever fails; 0 only where each part ended well, with all of its tests and none failed, and this
    computer is as it was. With `keep`, the seats of failed tests stay.

    What is baked once is needed by all who have seats, so the parts with seats go side by side.
    """
    # A job in the background inherits that Ctrl-C is ignored, and hands that on to all whom tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    project = Project.here()
    reports, artifacts = project.state / "test-reports", project.state / "test-artifacts"
    reports.mkdir(parents=True, exist_ok=True)
    for old in [*reports.glob("*.xml"), *reports.glob("*.log")]:
        old.unlink()
    shutil.rmtree(artifacts, ignore_errors=True)
    told = {REPORTS: str(reports), ARTIFACTS: str(artifacts), KEEP: "1" if keep else ""}
    before = None if fast else _there(project)
    parts = lanes(project, reports, fast=fast, whole=whole, keep=keep)
    outcomes = {part.name: Outcome() for lane in parts for part in lane}

    def run_lane(lane: Sequence[Part]) -> None:
        for part in lane:
            try:
                _run(project, told, part, outcomes[part.name])
            except OSError as error:
                outcomes[part.name].troubles.append(f"it could not be run: {error}")

    threads = [threading.Thread(target=run_lane, args=[lane], daemon=True) for lane in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for lane in parts:
        for part in lane:
            outcome = outcomes[part.name]
            _read(part, outcome)
            if outcome.troubles and (log := part.report.with_suffix(".log")).exists():
                outcome.said.append((part.name, log.read_text("utf-8", errors="replace")))
    kept = (artifacts / KEPT).read_text("utf-8").splitlines() if (artifacts / KEPT).exists() else []
    things = frozenset(line.partition("\t")[0] for line in kept)
    left_over = [] if fast else _left_over(project, before, things, f"{REPORTS}={reports}")
    return _conclude(outcomes, left_over, kept)


def _there(project: Project) -> frozenset[str] | str:
    """What is on this computer, or why that cannot be seen."""
    try:
        return leftovers.look(project)
    except (BancadaError, OSError, ValueError, LookupError, TypeError) as error:
        return f"{error!r}" if not isinstance(error, BancadaError) else error.what


def _left_over(project: Project, before: frozenset[str] | str | None, kept: frozenset[str], mark: str) -> list[str]:
    """What tests left, a line each. What cannot be seen is a line too: nobody knows that nothing was left."""
    found: frozenset[str] = frozenset()
    if not kept:  # whose seats stay may be connected to them
        found = leftovers.ended(mark, tell=lambda line: print(f"=== {line}", flush=True))
    after = _there(project)
    if isinstance(before, frozenset) and isinstance(after, frozenset):
        found |= after - before - kept
    unseen = [f"what is left over could not be seen: {seen}" for seen in (before, after) if isinstance(seen, str)]
    return [*unseen[:1], *(f"left over: {thing}" for thing in sorted(found))]


def _run(project: Project, told: Mapping[str, str], part: Part, outcome: Outcome) -> None:
    """Run one part to its end; what it says goes to the terminal line by line, and into a file."""
    started = time.monotonic()
    # Neither a person's own PYTEST_ADDOPTS nor what this command was told for them: a test has a class of its own.
    environment = {key: value for key, value in children(told).items() if key not in THEIRS}
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
            continue
        outcome.took.append((float(case.get("time") or 0), name))
        if wrong := [*case.iter("failure"), *case.iter("error")]:
            outcome.failed.append(name)
            for one in case.iter("property"):
                if one.get("name") == LEFT:
                    outcome.left[name] = one.get("value", "")
            outcome.said.append((name, wrong[0].text or wrong[0].get("message") or ""))
        else:
            outcome.passed += 1
    if absent := sorted(part.files - seen):
        outcome.troubles.append(f"none of their tests ran: {', '.join(absent)}")
    if outcome.skipped and not outcome.passed and not outcome.failed:
        outcome.troubles.append("all of its tests were skipped, which shows nothing")
    if outcome.code != 0 and not outcome.failed:
        outcome.troubles.append(f"it ended with {outcome.code}, and no failed test says why")


def _conclude(outcomes: dict[str, Outcome], left_over: Sequence[str] = (), kept: Sequence[str] = ()) -> int:
    said = [pair for outcome in outcomes.values() for pair in outcome.said]
    # Those of a broken part last: who sees but the end of a long log sees why tests are missing.
    for whose, words in sorted(said, key=lambda pair: pair[0] in outcomes):
        print(f"\n=== the last of what {whose} said")
        print("\n".join(line[:LONGEST_LINE] for line in words.rstrip().splitlines()[-LAST_LINES:]))
    print("\n=== summary")
    took = sorted((one for outcome in outcomes.values() for one in outcome.took), reverse=True)[:SLOWEST]
    print(f"the {len(took)} slowest tests:")
    for seconds, name in took:
        print(f"{seconds:7.1f} s  {name}")
    for outcome in outcomes.values():
        for line in outcome.skipped:
            print(f"skipped: {line}")
    for line in kept:
        thing, _, how = line.partition("\t")
        print(f"kept: {thing}; {how}")
    for name, outcome in outcomes.items():
        for line in outcome.failed:
            print(f"FAILED: {line}")
            if folder := outcome.left.get(line):
                print(f"        journal, evidence and log: {folder}")
        for line in outcome.troubles:
            print(f"FAILED: {name}: {line}")
    for line in left_over:
        print(f"FAILED: {line}")
    for name, outcome in outcomes.items():
        print(f"{name}: {_counts([outcome])} in {_minutes(outcome.seconds)}")
    print(_counts(list(outcomes.values()), len(left_over)))
    well = all(o.code == 0 and o.passed and not o.failed and not o.troubles for o in outcomes.values())
    return 0 if well and not left_over else 1


def _counts(outcomes: Sequence[Outcome], besides: int = 0) -> str:
    """A part that broke is one failure beside those of its tests, and so is each thing that is left over."""
    failed = besides + sum(len(outcome.failed) + len(outcome.troubles) for outcome in outcomes)
    return (
        f"{sum(outcome.passed for outcome in outcomes)} passed, {failed} failed, "
        f"{sum(len(outcome.skipped) for outcome in outcomes)} skipped"
    )


def _minutes(seconds: float) -> str:
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s" if seconds >= 60 else f"{seconds:.0f} s"
