"""Verbs for exercise authors: new, lint, try, prove."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from bancada.cli import tables
from bancada.cli.common import (
    agreeing,
    alone,
    consent_to_lose,
    exercises_option,
    exit_code,
    json_option,
    open_bench,
    print_json,
    see_to_consent,
    tell_if_open,
)
from bancada.course import Exercise
from bancada.course.exercise import folders
from bancada.course.lint import lint as lint_exercises
from bancada.course.lint import new as new_exercise
from bancada.course.needs import LeftOut, lack
from bancada.inventory import MOST_AT_ONCE, Seat
from bancada.prove.proving import Proof, proof_seats
from bancada.prove.proving import prove as prove_exercises
from bancada.reach.paths import Project
from bancada.seats import up
from bancada.seats.bench import Bench
from bancada.seats.checking import check
from bancada.words.errors import BenchError, Exit, UsageError
from bancada.words.meant import meant, typed_with
from bancada.words.shown import counted, say

BY_THE_CLOCK = -1


@click.command()
@click.argument("name", metavar="TOPIC/SLUG")
def new(name: str) -> None:
    """Make the folder of a new exercise; lint then says what is still to write."""
    folder = new_exercise(Project.here().exercises, name)
    say(f"Made {folder}.\n  next:  ./bancada lint {name}")


@click.command()
@click.argument("names", nargs=-1, metavar="[TOPIC/SLUG]...")
def lint(names: tuple[str, ...]) -> None:
    """Say everything that is wrong with exercise folders: file, line, mend."""
    exercises = Project.here().exercises
    problems = lint_exercises(exercises, names)
    for problem in problems:
        say(str(problem))
    say(f"{counted(len(names) or len(folders(exercises)), 'exercise')}, {counted(len(problems), 'problem')}")
    raise SystemExit(int(Exit.NOT_PASSED if problems else Exit.PASSED))


@click.command("try")
@click.argument("seat")
@click.argument("exercise", metavar="TOPIC/SLUG")
@click.argument("answer", required=False, metavar="[ANSWER]")
@click.option("--afresh", is_flag=True, help="Reset the exercise first: what was made in it there is lost.")
@click.option("--yes", is_flag=True, help="Do not ask before that.")
def try_(seat: str, exercise: str, answer: str | None, afresh: bool, yes: bool) -> None:
    """Try a draft on a seat, without a proof: stage it, type ANSWER as the student, judge. Keeps no verdict.

    ANSWER is a script of the exercise's folder, such as solution.sh or mistakes/half-done.sh; without it, what stands
    there is judged.
    """
    bench = open_bench(unproven=True)
    (draft,) = bench.exercises([exercise])
    script = _script(draft, answer) if answer else None
    if afresh:
        see_to_consent("try", (seat,), False, yes)
    with alone(bench, "try"):
        up_there = bench.running([seat])
        _able(bench, up_there[0], [draft], "try")
        if afresh and not yes:
            consent_to_lose(bench, "reset", [draft], [seat])
        bench.play([*(["reset"] if afresh else []), "stage"], {seat: [draft]}, f"staging {exercise} on {seat}")
        if script:
            with bench.progress.step(f"typing {answer} on {seat}"):
                done = bench.run_script(seat, draft, script.read_text(encoding="utf-8"))
            if not done.ok:
                say(f"{answer} ended with {done.code}: {done.last_words}", err=True)
        (result,) = check(bench, up_there, [draft], lambda one: None)
    tell_if_open(bench)
    tables.results([result], bench.cls.language, all_tests=True)
    raise SystemExit(int(exit_code([result])))


def _script(exercise: Exercise, answer: str) -> Path:
    """The script of this name in the exercise's folder. Raises UsageError."""
    known = {
        str(script.relative_to(exercise.folder)): script
        for script in (exercise.solution, *exercise.alternatives, *(mistake.script for mistake in exercise.mistakes))
    }
    if answer not in known:
        likely = meant(answer, known)
        raise UsageError(
            f"{exercise.name} has no script {answer!r}." + (f" Did you mean {likely}?" if likely else ""),
            where=str(exercise.folder),
            next=typed_with(answer, likely) if likely else f"one of these: {', '.join(known)}",
        )
    return known[answer]


@click.command()
@click.argument("seat", required=False)
@exercises_option
@click.option(
    "--random",
    "seed",
    type=int,
    is_flag=False,
    flag_value=BY_THE_CLOCK,
    help="In random order, of this seed or by the clock.",
)
@click.option(
    "--seats",
    "number",
    type=click.IntRange(1, MOST_AT_ONCE),
    help="How many seats to make, side by side; two for each CPU.",
)
@click.option("--keep", is_flag=True, help="Do not take these seats away afterwards; `down --all` does.")
@click.option(
    "--yes", is_flag=True, help="Do not ask: neither before work is taken away, nor before this computer is changed."
)
@json_option
def prove(
    seat: str | None,
    exercises: tuple[str, ...],
    seed: int | None,
    number: int | None,
    keep: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Prove exercises on real seats: every state seen, every mistake caught. Without SEAT, on seats made for it.

    A seat that is named loses what its student did in these exercises.
    """
    started = time.monotonic()
    if seat:
        see_to_consent("prove", (seat,), False, yes)
    bench = open_bench(unproven=True)
    if seed == BY_THE_CLOCK:
        seed = int(time.time())
        bench.progress.note(f"random order with seed {seed}")
    chosen = bench.exercises(exercises) if exercises else tuple(bench.catalog.values())
    with alone(bench, "prove"), ExitStack() as stack:
        if seat:
            seats = list(bench.running([seat]))
        else:
            up.admit(bench, bench.cls.seats[:1], agreeing(yes))
            number = number or min(2 * (os.cpu_count() or 1), MOST_AT_ONCE)
            seats = stack.enter_context(proof_seats(bench, min(number, len(chosen)), keep=keep))
        able = _able(bench, seats[0], chosen, "prove" if exercises else "")
        if seat and able and not yes:
            boots = any(exercise.file.survives_reboot for exercise in able)
            also = " It is rebooted for that, so all that runs there ends." if boots else ""
            consent_to_lose(bench, "prove", able, [seat], also)
        proofs = prove_exercises(bench, seats, able, seed=seed, told=_tell)
        tell_if_open(bench)
    left_out = [exercise.name for exercise in chosen if exercise not in able]
    if as_json:
        found = [_as_dict(proof) for proof in proofs]
        print_json({"document": "bancada.prove/1", "seed": seed, "proofs": found, "left_out": left_out})
    else:
        rows = [
            [
                proof.exercise.name,
                "proven" if proof.holds else "NOT PROVEN",
                f"{sum(step.held for step in proof.steps)}/{len(proof.steps)}",
                f"{proof.killed}/{proof.mistakes}",
                f"{proof.seconds:.0f} s",
            ]
            for proof in proofs
        ]
        tables.table(["exercise", "proof", "steps", "kill score", "took"], rows)
        if left_out:
            say(f"Not proven here, since these seats cannot have it: {', '.join(left_out)}")
        killed, mistakes = sum(proof.killed for proof in proofs), sum(proof.mistakes for proof in proofs)
        order = f", random order with seed {seed}" if seed is not None else ""
        say(
            f"{sum(p.holds for p in proofs)} of {len(proofs)} exercises proven, {killed} of {mistakes} mistakes caught"
            f" ({100 * killed / mistakes if mistakes else 0:.0f} %), {time.monotonic() - started:.0f} s{order}"
        )
    raise SystemExit(int(Exit.PASSED if proofs and all(proof.holds for proof in proofs) else Exit.NOT_PASSED))


def _able(bench: Bench, seat: Seat, chosen: Sequence[Exercise], verb: str) -> tuple[Exercise, ...]:
    """Those that this seat, and others like it, can have; all of them where a verb was told their names."""
    evidence = bench.evidence(seat.name, ())
    for exercise in chosen:
        if verb and (why := lack(evidence, exercise.needs)):
            raise BenchError(
                f"{seat.name} cannot have {exercise.name}: {why}.",
                where=str(exercise.folder),
                next=f"{typed_with(seat.name, 'SEAT') if verb == 'try' else f'./bancada prove SEAT -e {exercise.name}'}"
                ", with a seat that has it",
            )
    left_out = LeftOut()
    able = left_out.fitting(seat.name, evidence, chosen)
    left_out.tell(bench.progress)
    return able


def _tell(proof: Proof) -> None:
    for step in proof.steps:
        mark = "✓" if step.held else "✗"
        detail = f": {step.detail}" if step.detail else ""
        say(f"  {mark} {proof.exercise.name}: {step.name}{detail}", err=True)


def _as_dict(proof: Proof) -> dict[str, object]:
    return {
        "exercise": proof.exercise.name,
        "proven": proof.holds,
        "killed": proof.killed,
        "mistakes": proof.mistakes,
        "seconds": round(proof.seconds, 1),
        "steps": [vars(step) for step in proof.steps],
    }
