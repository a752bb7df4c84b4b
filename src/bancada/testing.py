"""`bancada test`: everything that proves the project, and at the end one honest line of counts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bancada.paths import Project

REPORTS = "BANCADA_TEST_REPORTS"


@dataclass(frozen=True)
class Part:
    name: str
    argv: Sequence[str]
    writes_report: bool


def run_all(*, fast: bool) -> int:
    """Run all parts, whatever fails; 0 only where each part ended well and no test failed."""
    project = Project.here()
    reports = project.state / "test-reports"
    reports.mkdir(parents=True, exist_ok=True)
    for old in reports.glob("*.xml"):
        old.unlink()
    ended: dict[str, tuple[int, float]] = {}
    for part in _parts(reports, fast):
        print(f"\n=== {part.name}", flush=True)
        started = time.monotonic()
        environment = {**os.environ, REPORTS: str(reports), "PYTHONPATH": str(project.root / "src")}
        code = subprocess.run(part.argv, cwd=project.root, env=environment, check=False).returncode
        ended[part.name] = code, time.monotonic() - started
    return _conclude(reports, ended)


def _parts(reports: Path, fast: bool) -> list[Part]:
    pytest = [sys.executable, "-m", "pytest"]
    parts = [Part("lint and unit tests", [*pytest, "tests/lint", "tests/unit", f"--junitxml={reports}/unit.xml"], True)]
    if not fast:
        # Its verify step runs tests/states with a report of its own.
        parts.append(Part("molecule test", [sys.executable, "-m", "molecule", "test"], False))
        parts.append(Part("end to end", [*pytest, "tests/e2e", f"--junitxml={reports}/e2e.xml"], True))
    return parts


def _conclude(reports: Path, ended: dict[str, tuple[int, float]]) -> int:
    passed = failed = skipped = 0
    reasons = []
    print("\n=== summary")
    for name, (code, seconds) in ended.items():
        print(f"{name}: {'ended well' if code == 0 else f'ended with {code}'} after {seconds:.0f} s")
    for report in sorted(reports.glob("*.xml")):
        for case in ET.parse(report).iter("testcase"):
            skip = case.find("skipped")
            if skip is not None:
                skipped += 1
                reasons.append(f"{case.get('classname')}.{case.get('name')}: {skip.get('message')}")
            elif case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            else:
                passed += 1
    for reason in reasons:
        print(f"skipped: {reason}")
    # A part that broke without a failed test to its name still counts as one failure.
    failed = max(failed, sum(code != 0 for code, _ in ended.values()))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if failed == 0 and passed else 1
