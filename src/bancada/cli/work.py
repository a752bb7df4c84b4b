"""Verbs about exercises on seats: stage, check, solve, reset."""

from __future__ import annotations

from collections.abc import Sequence

import click

from bancada.cli import tables
from bancada.cli.common import (
    alone,
    by_name_or_all,
    consent_to_lose,
    exercises_option,
    exit_code,
    json_option,
    named,
    open_bench,
    print_json,
    said,
    seats_argument,
    see_to_consent,
    tell_failed,
    tell_if_open,
)
from bancada.course import Exercise
from bancada.course.needs import LeftOut
from bancada.inventory import Seat
from bancada.judge.store import Store
from bancada.judge.verdict import CheckReport, ExerciseResult
from bancada.seats.bench import Bench
from bancada.seats.checking import Decided
from bancada.seats.checking import check as check_seats
from bancada.words.errors import BancadaError, BenchError
from bancada.words.shown import counted, say


def _play(
    verb: str, doing: str, past: str, seats: tuple[str, ...], exercises: tuple[str, ...], *, ask: bool = False
) -> None:
    bench = open_bench()
    chosen = bench.exercises(exercises)
    with alone(bench, verb):
        up = bench.running(seats)
        asked = bench.evidence_of_all(up, ())
        failed: dict[str, BancadaError] = {seat: it for seat, it in asked.items() if isinstance(it, BancadaError)}
        able = {seat: it for seat, it in asked.items() if not isinstance(it, BancadaError)}
        left_out = LeftOut()
        work = {seat: left_out.fitting(seat, evidence, chosen) for seat, evidence in able.items()}
        left_out.tell(bench.progress)
        wanted = [exercise for exercise in chosen if any(exercise in fitting for fitting in work.values())]
        if work and not wanted:
            what, where = "None of these exercises can be had on these seats.", f"class {bench.cls.name}"
            raise BenchError(what, where=where, next="./bancada status")
        if ask and work:
            consent_to_lose(bench, verb, wanted, list(work))
        changed: dict[str, int] = {}
        if work:
            played = bench.play([verb], work, f"{doing} {said(wanted)} on {counted(len(work), 'seat')}", go_on=True)
            changed, failed = played.changed, failed | played.failed
            failed |= bench.unlike(verb, {seat: able for seat, able in work.items() if seat not in failed})
    rows = [
        [seat.name, "failed" if seat.name in failed else str(changed.get(seat.name, 0) or "nothing to do")]
        for seat in up
    ]
    tables.table(["seat", "changes"], rows)
    if done := [seat for seat in work if seat not in failed]:
        say(f"Class {bench.cls.name}. {past}: {said(wanted)} on {named(done)}.")
    raise SystemExit(int(tell_failed(verb, failed, seats)))


@click.command()
@seats_argument
@exercises_option
def stage(seats: tuple[str, ...], exercises: tuple[str, ...]) -> None:
    """Put exercises in their starting state. What a student already did stays.

    Without SEAT it is every seat that is up, without -e the whole course.
    """
    _play("stage", "staging", "Staged", seats, exercises)


@click.command()
@seats_argument
@exercises_option
@click.option("--all", "everyone", is_flag=True, help="Every seat that is up.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(seats: tuple[str, ...], exercises: tuple[str, ...], everyone: bool, yes: bool) -> None:
    """Take exercises back to pristine: what the student made in them is gone.

    Without SEAT it is every seat that is up, without -e the whole course.
    """
    by_name_or_all(seats, everyone)
    see_to_consent("reset", seats, everyone, yes)
    _play("reset", "resetting", "Reset", seats, exercises, ask=not yes)


@click.command()
@seats_argument
@exercises_option
@json_option
def check(seats: tuple[str, ...], exercises: tuple[str, ...], as_json: bool) -> None:
    """Judge exercises from the kernel's evidence. Exit code 0: all passed; 1: not all; 3: the bench is broken.

    Without SEAT it is every seat that is up, without -e the whole course.
    """
    bench = open_bench(quiet=as_json)
    chosen = bench.exercises(exercises)
    up = bench.running(seats)
    found = _judge(bench, up, chosen, leave_out=not exercises, quiet=as_json)
    if as_json:
        print_json(CheckReport.model_validate({"class": bench.cls.name, "results": found}))
    raise SystemExit(int(exit_code(found)))


@click.command()
@seats_argument
@exercises_option
def solve(seats: tuple[str, ...], exercises: tuple[str, ...]) -> None:
    """Type the reference solution on seats, as the student, and judge it.

    Without SEAT it is every seat that is up, without -e the whole course.
    """
    bench = open_bench()
    chosen = bench.exercises(exercises)
    failed: dict[str, BancadaError] = {}
    with alone(bench, "solve"):
        up = bench.running(seats)
        for seat in up:
            try:
                _solve_on(bench, seat.name, chosen)
            except BancadaError as error:
                failed[seat.name] = error
        found = _judge(bench, up, chosen, leave_out=not exercises)
    raise SystemExit(int(tell_failed("solve", failed, seats) or exit_code(found)))


def _judge(
    bench: Bench, seats: Sequence[Seat], exercises: Sequence[Exercise], *, leave_out: bool, quiet: bool = False
) -> list[ExerciseResult]:
    """Judge, keep, and unless `quiet` tell each seat's verdicts as they are decided."""
    with Store(bench.cls.state.results) as store:

        def decided(one: Decided) -> None:
            store.keep(one.results, one.evidence)
            if not quiet:
                tables.results(one.results, bench.cls.language)

        found = check_seats(bench, seats, exercises, decided, leave_out=leave_out)
    tell_if_open(bench)
    if not quiet:
        tables.total(found, bench.cls.language)
    return found


def _solve_on(bench: Bench, seat: str, exercises: Sequence[Exercise]) -> None:
    """Type all solutions, one after another. Raises BenchError at the end with those that did not end well."""
    evidence = bench.evidence(seat, exercises)
    failed: dict[str, BancadaError] = {}
    begun: list[str] = []
    for exercise in LeftOut().fitting(seat, evidence, exercises):  # the check after it says which
        name = exercise.name
        if name not in evidence.staged:
            failed[name] = BenchError(f"{name} is not staged on {seat}.", next=f"./bancada stage {seat} -e {name}")
            continue
        try:
            with bench.progress.step(f"solving {name} on {seat}"):
                done = bench.run_script(seat, exercise, exercise.solution.read_text(encoding="utf-8"))
        except BancadaError as error:
            failed[name] = error
            continue
        if not done.ok:
            begun.append(name)
            failed[name] = BenchError(
                f"The solution of {name} failed on {seat}: {done.last_words}",
                where=str(exercise.solution),
                next=f"./bancada reset {seat} -e {name} && ./bancada stage {seat} -e {name}",
            )
    if len(failed) == 1:
        raise next(iter(failed.values()))
    if failed:
        stage = " ".join([f"./bancada stage {seat}", *(f"-e {name}" for name in failed)])
        reset = " ".join([f"./bancada reset {seat}", *(f"-e {name}" for name in begun)])
        raise BenchError(
            f"{len(failed)} solutions failed on {seat}:" + "".join(f"\n  {error.what}" for error in failed.values()),
            where=str(bench.project.exercises),
            next=f"{reset} && {stage}" if begun else stage,
        )
