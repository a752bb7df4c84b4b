"""Results to be kept, and a look into a store past the program, for tests."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from bancada.judge.verdict import ExerciseResult, State, TestResult, Verdict

PASSED, FAILED, ERROR = Verdict.PASSED, Verdict.FAILED, Verdict.ERROR


def result(
    verdict: Verdict = FAILED, *failing: str, seat: str = "seat-01", exercise: str = "a/b", **more: Any
) -> ExerciseResult:
    tests = [TestResult(name="test_done", verdict=PASSED), *(TestResult(name=one, verdict=verdict) for one in failing)]
    usual: dict[str, Any] = {"digest": "d", "at": "2026-01-01T00:00:00.000+00:00", "state": State.STAGED}
    return ExerciseResult(seat=seat, exercise=exercise, verdict=verdict, tests=tests, **(usual | more))


def by_hand(path: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as db, db:
        return db.execute(statement).fetchall()
