"""Kept evidence, judged again: what a mended check says of what was seen then, with no seat."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice

from bancada.course import Exercise
from bancada.inventory import Seat
from bancada.judge.store import Outcome, Store
from bancada.judge.verdict import ExerciseResult, Judged, Verdict
from bancada.seats.bench import Bench
from bancada.seats.checking import check_of


@dataclass(frozen=True)
class Change:
    """An outcome that is another one by the check as it is now."""

    was: Outcome
    now: ExerciseResult


@dataclass
class Again:
    judged: int = 0
    changes: list[Change] = field(default_factory=list)
    gone: int = 0
    """Outcomes whose evidence is not kept any more, or never was."""
    undecided: int = 0
    """Outcomes of which the check says nothing now: it broke, or the process that judges did."""


def rejudge(bench: Bench, store: Store, seats: Sequence[Seat], exercises: Sequence[Exercise]) -> Again:
    """Judge the newest outcome of each of these exercises anew, for each of these seats. Keeps nothing."""
    named, again = {exercise.name: exercise for exercise in exercises}, Again()
    checks = {name: check_of(exercise) for name, exercise in named.items()}
    outcomes = [one for one in store.newest([seat.name for seat in seats]).values() if one.exercise in named]
    again.gone = sum(one.look is None for one in outcomes)

    def judge(document: bytes, seen: Sequence[Outcome]) -> list[Judged | None]:
        values = [bench.variant(named[one.exercise], one.student).as_dict() for one in seen]
        work = [(checks[one.exercise], value) for one, value in zip(seen, values, strict=True)]
        return bench.judges.judge(document, work)

    side_by_side = os.cpu_count() or 1
    looks = _looks(store, outcomes)
    with ThreadPoolExecutor(side_by_side) as pool:
        while some := list(islice(looks, side_by_side)):  # documents are large: only so many are held
            begun = [pool.submit(partial(judge, document, seen)) for document, seen in some]
            for (_, seen), done in zip(some, begun, strict=True):
                for was, said in zip(seen, done.result(), strict=True):
                    _compare(again, named[was.exercise], was, said)
    order = {(seat.name, name): (n, m) for n, seat in enumerate(seats) for m, name in enumerate(named)}
    again.changes.sort(key=lambda change: order[change.was.student, change.was.exercise])
    return again


def _looks(store: Store, outcomes: Sequence[Outcome]) -> Iterator[tuple[bytes, list[Outcome]]]:
    """What each look brought, and the outcomes that it led to."""
    kept = sorted((one for one in outcomes if one.look is not None), key=lambda one: one.look or 0)
    for _, together in groupby(kept, key=lambda one: one.look):
        seen = list(together)
        if (document := store.evidence(seen[0].number)) is not None:
            yield document, seen


def _compare(again: Again, exercise: Exercise, was: Outcome, said: Judged | None) -> None:
    if said is None or said.verdict is Verdict.ERROR:  # no outcome becomes an error: that is nobody's doing
        again.undecided += was.verdict is not Verdict.ERROR
        return
    again.judged += 1
    failing = tuple(test.name for test in said.tests if test.verdict is not Verdict.PASSED)
    if (said.verdict, failing) != (was.verdict, was.failing):
        now = ExerciseResult(seat=was.seat, exercise=exercise.name, digest=exercise.digest, at=was.at, **dict(said))
        again.changes.append(Change(was, now))
