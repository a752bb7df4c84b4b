"""Verbs about what checks have found: report."""

from __future__ import annotations

from pathlib import Path

import click

from bancada.cli.common import exercises_option, open_bench, seats_argument
from bancada.errors import BenchError, UsageError
from bancada.judge.store import Results
from bancada.paths import write_whole
from bancada.picture import page
from bancada.shown import say


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
    with Results(bench.cls.state.results) as store:
        newest = store.newest()
    picked = [seat.name for seat in bench.cls.pick(seats)]
    found = []
    for one in measuring:
        results = [newest[seat, one.name] for seat in picked if (seat, one.name) in newest]
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
