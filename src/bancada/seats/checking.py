"""Looks at seats and judges what was seen, seat by seat: one seat's trouble is never another's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from bancada.course import Exercise
from bancada.course.needs import LeftOut
from bancada.inventory import Seat
from bancada.judge.judge import LATE, Check
from bancada.judge.verdict import ExerciseResult, Judged
from bancada.judge.worker import undecided
from bancada.seats.bench import Bench
from bancada.words.errors import BenchError, Late
from bancada.words.i18n import T, Text

UNFINISHED = T(
    "the seat is not ready, since no `up` has come to its end there: ./bancada up",
    "a bancada não está pronta, pois nenhum `up` chegou ao fim nela: ./bancada up",
)
DIED = T("the process that judges died", "o processo que julga morreu")


@dataclass(frozen=True)
class Decided:
    """What one look at one seat led to."""

    seat: str
    results: Sequence[ExerciseResult]
    evidence: bytes | None
    """The document that led to it; None where none did."""


def check(
    bench: Bench,
    seats: Iterable[Seat],
    exercises: Sequence[Exercise],
    decided: Callable[[Decided], None],
    *,
    leave_out: bool = False,
) -> list[ExerciseResult]:
    """One result for each exercise on each seat; a seat's are handed to `decided` as soon as it is judged.

    An exercise that a seat cannot have is an error there, or, as part of a course, is left out. Of the documents that
    seats answer only those are held that are looked at side by side.
    """
    seats, left_out = list(seats), LeftOut()
    checks = {exercise.name: check_of(exercise) for exercise in exercises}
    bench.judges.warm()
    unfinished = bench.unfinished(seat.name for seat in seats)

    def look(seat: Seat) -> Decided:
        look = bench.look(seat.name, exercises)
        able = left_out.fitting(seat.name, look.evidence, exercises) if leave_out else exercises
        staged = look.evidence.staged
        if seat.name in unfinished:
            judged = [undecided(UNFINISHED, exercise.name in staged) for exercise in exercises]
            return Decided(seat.name, _results(seat.name, exercises, judged), None)  # it is not what decided that
        work = [(checks[exercise.name], bench.variant(exercise, seat.name).as_dict()) for exercise in able]
        judged = [
            said or undecided(DIED, exercise.name in staged)
            for exercise, said in zip(able, bench.judges.judge(look.document, work), strict=True)
        ]
        return Decided(seat.name, _results(seat.name, able, judged), look.document)

    results: dict[str, Sequence[ExerciseResult]] = {}
    with closing(bench.as_it_comes(seats, look)) as looks:
        for name, found in looks:
            if isinstance(found, BenchError):
                found = Decided(name, _results(name, exercises, [undecided(unseen(found))] * len(exercises)), None)
            results[name] = found.results
            decided(found)
    left_out.tell(bench.progress)
    return [result for seat in seats for result in results[seat.name]]


def check_of(exercise: Exercise) -> Check:
    """All of an exercise that decides its verdict."""
    file = exercise.file
    return Check(
        exercise=exercise.name,
        source=exercise.check.read_text(encoding="utf-8"),
        tests=exercise.tests,
        needs=exercise.needs,
        measures=file.measures is not None,
        hints={name: tuple(hints) for name, hints in file.hints.items()},
    )


def unseen(error: BenchError) -> Text:
    """Why nothing of a seat can be judged."""
    if isinstance(error, Late) or LATE.en in error.what:
        return LATE
    return T("{what}", "{what}", what=error.what)


def _results(seat: str, exercises: Sequence[Exercise], judged: Sequence[Judged]) -> list[ExerciseResult]:
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return [
        ExerciseResult(seat=seat, exercise=exercise.name, digest=exercise.digest, at=at, **dict(one))
        for exercise, one in zip(exercises, judged, strict=True)
    ]
