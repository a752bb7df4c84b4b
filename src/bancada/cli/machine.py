"""Verbs about this computer: doctor, bake, test."""

from __future__ import annotations

from pathlib import Path

import click
from rich.text import Text

from bancada.cli import tables
from bancada.cli.common import alone, json_option, open_bench, print_json, provider_option
from bancada.doctor.computer import examine
from bancada.prove.testing import run_all
from bancada.reach.paths import Project
from bancada.seats import bake as bake_module
from bancada.words.diagnosis import Health
from bancada.words.errors import Exit, UsageError
from bancada.words.shown import say


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Say what this computer can run, and how to mend what it lacks."""
    found = examine(Project.here())
    if as_json:
        print_json({"document": "bancada.doctor/1", "diagnoses": [vars(diagnosis) for diagnosis in found]})
    else:
        marks = {Health.GOOD: ("✓", "green"), Health.NOTE: ("!", "yellow"), Health.LACK: ("✗", "red")}
        rows: list[list[str | Text]] = [[Text(*marks[d.health]), d.subject, d.says, d.mend] for d in found]
        tables.table(["", "", "what is", "mend with"], rows)
    raise SystemExit(int(Exit.BENCH if any(d.health is Health.LACK for d in found) else Exit.PASSED))


@click.command()
@provider_option
@click.option(
    "--export",
    "folder",
    type=click.Path(file_okay=False, path_type=Path, resolve_path=True),
    help="Write the images into this folder too, for other computers: boxes for libvirt and for VirtualBox.",
)
def bake(provider: str | None, folder: Path | None) -> None:
    """Prepare the image that the class's seats start from, so that `up` is quick later, even without a network."""
    bench = open_bench(provider=provider)
    with alone(bench, "bake"):
        bench.progress.note(f"Provider: {bench.provider.name}, {bench.why_provider}.")
        bench.prepare_host()
        seen: dict[str, bool] = {}
        for seat in bench.cls.seats:
            if not bench.provider.bakes(seat):
                continue
            tag, baked = bake_module.ensure_image(bench.project, bench.cls, bench.provider, seat, bench.progress)
            seen[tag] = seen.get(tag, False) or baked
            bench.provider.offer(seat, tag)
        written: list[Path] = []
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            for tag in seen:
                with bench.progress.step(f"writing {tag} into {folder}"):
                    written += bench.provider.export(tag, folder)
    tables.table(["image", "what was done"], [[tag, "baked" if new else "nothing to do"] for tag, new in seen.items()])
    for file in written:
        say(f"{file}  {file.stat().st_size / 2**20:.0f} MiB")


@click.command()
@click.option("--fast", is_flag=True, help="Only what needs no seat: lint and unit tests.")
@click.option(
    "--whole",
    is_flag=True,
    help="Also every exercise proven, each slow test and emulated machines: hours, and more system packages.",
)
@click.option("--keep", is_flag=True, help="Keep the seats of tests that failed, to enter them.")
def test(fast: bool, whole: bool, keep: bool) -> None:
    """Run the project's own tests: lint, unit tests, roles and a class on real seats, and proofs of exercises."""
    if fast and whole:
        raise UsageError("--fast and --whole exclude each other.", next="./bancada test --whole")
    raise SystemExit(run_all(fast=fast, whole=whole, keep=keep))
