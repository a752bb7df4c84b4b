"""What the verbs share: their arguments, the bench, the lock."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
from pydantic import BaseModel

from bancada.course import Exercise
from bancada.inventory import PROVIDERS, load_class
from bancada.judge.verdict import ExerciseResult, Verdict
from bancada.reach.lock import locked
from bancada.reach.paths import Project
from bancada.seats.bench import Bench
from bancada.words.errors import BancadaError, Declined, Exit, UsageError
from bancada.words.meant import typed_also, typed_for, typed_with
from bancada.words.progress import Progress
from bancada.words.shown import counted, in_json, say, shown

seats_argument = click.argument("seats", nargs=-1, metavar="[SEAT]...")
exercises_option = click.option("-e", "--exercise", "exercises", multiple=True, help="topic/slug; may be repeated.")
provider_option = click.option(
    "--provider",
    type=click.Choice(["auto", *PROVIDERS]),
    metavar="NAME",
    help="Who makes the seats; the inventory's bancada_provider otherwise.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


def open_bench(*, provider: str | None = None, unproven: bool = False, quiet: bool = False) -> Bench:
    """The class of the inventory, on its provider."""
    project = Project.here()
    bench = Bench(project, load_class(project), Progress(quiet=quiet), provider, unproven)
    bench.see_inventory()
    return bench


@contextmanager
def alone(bench: Bench, verb: str) -> Iterator[None]:
    """Hold the class's lock for a verb that changes seats."""
    with locked(bench.cls.state.lock, verb):
        bench.alone = True
        try:
            bench.see_inventory()
            bench.keep_inventory()
            yield
        finally:
            bench.alone = False


def see_to_consent(verb: str, seats: Sequence[str], everyone: bool, yes: bool) -> None:
    """Where nobody can be asked, what takes work away has to be told so, and on which seats. Raises UsageError."""
    if sys.stdin.isatty():
        return
    by_name = "" if seats or everyone else ", and the seats by name, or --all"
    if not yes:
        raise UsageError(
            f"`{verb}` takes work away, so it asks first, and there is no terminal to ask on.",
            next=typed_also(verb, "--yes") + by_name,
        )
    if by_name:
        raise which_seats(verb)


def agreeing(yes: bool) -> Callable[[str], bool]:
    """How a change of this computer is agreed to: in advance, here or to the bootstrap script, or on this terminal."""

    def agree(change: str) -> bool:
        if yes or os.environ.get("BANCADA_YES"):
            return True
        return sys.stdin.isatty() and click.confirm(f"{change} Go on?", err=True)

    return agree


def by_name_or_all(seats: Sequence[str], everyone: bool) -> None:
    """Raises UsageError where both are typed: one of them is a slip, and work hangs on which."""
    if seats and everyone:
        raise UsageError(
            "Some seats are named, and --all is typed as well.",
            where="the command",
            next=f"{typed_with('--all')}; or, for the whole class, without their names",
        )


def which_seats(verb: str) -> UsageError:
    return UsageError("Which seats?", next=f"{typed_also(verb, '--all')}, or the seats by name in its place")


def consent(question: str) -> None:
    """Go on only with a yes. Raises Declined."""
    try:
        agreed = click.confirm(shown(question), err=True)
    except click.Abort:
        say("", err=True)
        agreed = False
    if not agreed:
        raise Declined


def consent_to_lose(
    bench: Bench, verb: str, exercises: Sequence[Exercise], seats: Sequence[str], also: str = ""
) -> None:
    """Go on only with a yes, for a verb that takes away what was made in exercises. Raises Declined."""
    it = "it" if len(exercises) == 1 else "them"
    what = f"{verb} {said(exercises)} on {named(seats)}"
    consent(f"Class {bench.cls.name}: {what}? What was made in {it} there is lost.{also}")


def said(exercises: Sequence[Exercise]) -> str:
    """Which exercise, or how many."""
    return exercises[0].name if len(exercises) == 1 else counted(len(exercises), "exercise")


def named(seats: Sequence[str]) -> str:
    """Which seats, and how many, in a few words."""
    if len(seats) == 1:
        return seats[0]
    which = ", ".join(seats) if len(seats) <= 3 else f"{seats[0]} … {seats[-1]}"
    return f"{len(seats)} seats ({which})"


def tell_failed(
    verb: str, failed: Mapping[str, BancadaError], typed: Sequence[str] = (), beside: Collection[str] = ()
) -> Exit:
    """Say why each of these seats failed, and how to go on with it alone. `typed` are the seats of the command; those
    `beside` the class's own cannot be named."""
    for seat, error in failed.items():
        again = typed_for(verb, seat, typed) if seat not in beside else typed_also(verb)
        mend = error.next if again in error.next else f"{error.next}; then {again}" if error.next else again
        say(str(BancadaError(error.what, where=error.where, next=mend)), err=True)
    return Exit.BENCH if failed else Exit.PASSED


def tell_if_open(bench: Bench) -> None:
    """Say where checks were judged without being shut in."""
    if bench.judges.open_because:
        say(f"! The checks ran without being shut in: {bench.judges.open_because}.", err=True)


def exit_code(found: Sequence[ExerciseResult]) -> Exit:
    verdicts = {result.verdict for result in found}
    if Verdict.ERROR in verdicts or not verdicts:
        return Exit.BENCH
    return Exit.NOT_PASSED if Verdict.FAILED in verdicts else Exit.PASSED


def print_json(document: Any) -> None:
    if isinstance(document, BaseModel):
        say(in_json(document.model_dump_json(indent=2, by_alias=True)))
    else:
        say(in_json(json.dumps(document, indent=2, ensure_ascii=False, default=str)))
