"""Verbs about what checks have found: report, rejudge."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bancada.cli import tables
from bancada.cli.common import (
    consent,
    exercises_option,
    json_option,
    open_bench,
    print_json,
    seats_argument,
    tell_if_open,
)
from bancada.cli.picture import page
from bancada.judge.store import Store
from bancada.reach.paths import write_whole
from bancada.seats.again import Again
from bancada.seats.again import rejudge as judge_again
from bancada.words.errors import BenchError, UsageError
from bancada.words.meant import typed_also
from bancada.words.shown import counted, say


@click.command()
@seats_argument
@exercises_option
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where the page goes.")
def report(seats: tuple[str, ...], exercises: tuple[str, ...], output: Path | None) -> None:
    """Draw the numbers that the newest checks measured on each seat: one HTML page, in the class's language."""
    bench = open_bench()
    measuring = [one for one in bench.catalog.values() if one.file.measures]
    known = ", ".join(one.name for one in measuring)
    if not measuring:
        raise UsageError("There is no exercise that measures anything.", where=str(bench.project.exercises))
    if exercises:
        chosen = bench.exercises(exercises)
        for one in chosen:
            if one not in measuring:
                raise UsageError(f"{one.name} measures nothing that could be drawn.", next=f"one of these: {known}")
        measuring = list(chosen)
    picked = [seat.name for seat in bench.cls.pick(seats)]
    found = []
    with Store(bench.cls.state.results) as store:
        newest = store.newest(picked)
        for one in measuring:
            outcomes = [newest[seat, one.name] for seat in picked if (seat, one.name) in newest]
            results = [result for outcome in outcomes if (result := store.result(outcome.number))]
            measured = [result for result in results if any(result.measured.values())]
            if measured:
                found.append((one, measured))
    if not found:
        raise BenchError(
            "No check has measured anything on these seats yet.",
            where=f"class {bench.cls.name}",
            next=f"do {measuring[0].name} on a seat, and while it stands: ./bancada check -e {measuring[0].name}",
        )
    path = output or bench.cls.state.folder / "report.html"
    write_whole(path, page(bench.cls.name, found, bench.cls.language))
    say(f"Drawn: {path}")


@click.command()
@seats_argument
@exercises_option
@click.option("--yes", is_flag=True, help="Do not ask before verdicts are changed.")
@json_option
def rejudge(seats: tuple[str, ...], exercises: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Judge kept evidence by the checks as they are now, after one was mended; no seat is asked.

    Says whose verdict would change, and changes it once that is agreed to; what was decided before stays in the store.
    Without SEAT it is every seat, without -e the whole course.
    """
    bench = open_bench(quiet=as_json)
    chosen, picked = bench.exercises(exercises), bench.cls.pick(seats)
    with Store(bench.cls.state.results) as store:
        again = judge_again(bench, store, picked, chosen)
        if not as_json:
            tables.changes(again.changes, bench.cls.language)
            say(_summary(again))
        keep = bool(again.changes) and (yes or (not as_json and asks()))
        if keep and not yes:
            consent(f"Class {bench.cls.name}: change {counted(len(again.changes), 'verdict')}?")
        done = sum(store.amend(change.was, change.now) for change in again.changes) if keep else 0
    if as_json:
        found = [
            {"seat": one.was.seat, "exercise": one.was.exercise, "was": one.was.verdict, "now": one.now.verdict}
            for one in again.changes
        ]
        counts = {"judged": again.judged, "undecided": again.undecided, "without_evidence": again.gone, "changed": done}
        print_json({"document": "bancada.rejudge/1", "class": bench.cls.name, **counts, "changes": found})
    elif keep:
        late = f" {len(again.changes) - done} had a newer one by then." if done < len(again.changes) else ""
        say(f"Changed: {counted(done, 'verdict')}.{late}")
    elif again.changes:
        say(f"Nothing was changed.\n  next:  {typed_also('rejudge', '--yes')}")
    tell_if_open(bench)


def asks() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def _summary(again: Again) -> str:
    said = f"Judged again: {counted(again.judged, 'verdict')}, of which {len(again.changes)} would change"
    if again.gone:
        said += f"; of {again.gone} no evidence is kept"
    if again.undecided:
        said += f"; of {again.undecided} the check says nothing now"
    return f"{said}."
