"""Kept evidence, judged again: what a mended check says of what was seen then, with no seat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bancada.bench import Bench
from bancada.catalog import Exercise
from bancada.inventory import Seat
from bancada.judge.runner import check_of
from bancada.judge.store import Outcome, Store
from bancada.judge.verdict import ExerciseResult


@dataclass(frozen=True)
class Change:
    """An outcome that is another one by the check as it is now."""

    was: Outcome
    now: ExerciseResult
    evidence: bytes


@dataclass(frozen=True)
class Again:
    judged: int
    changes: Sequence[Change]
    gone: Sequence[Outcome]
    """Those whose evidence is not kept any more, or never was."""


def rejudge(bench: Bench, store: Store, seats: Sequence[Seat], exercises: Sequence[Exercise]) -> Again:
    """Judge the newest outcome of each of these exercises anew, for each of these seats. Keeps nothing."""
    newest = store.newest([seat.name for seat in seats])
    changes, gone, judged = [], [], 0
    checks = [(exercise, check_of(exercise)) for exercise in exercises]
    for seat in seats:
        for exercise, check in checks:
            was = newest.get((seat.name, exercise.name))
            if was is None:
                continue
            evidence = store.evidence(was.number)
            if evidence is None:
                gone.append(was)
                continue
            (said,) = bench.judges.judge(evidence, [(check, bench.variant(exercise, was.student).as_dict())])
            judged += 1
            failing = tuple(test.name for test in said.tests if test.verdict != "passed")
            if (said.verdict, failing) != (was.verdict, was.failing):
                now = ExerciseResult(
                    seat=was.seat, exercise=exercise.name, digest=exercise.digest, at=was.at, **dict(said)
                )
                changes.append(Change(was, now, evidence))
    return Again(judged, changes, gone)
