"""Verbs about machines: up, status, ssh, down."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import click

from bancada.cli import tables
from bancada.cli.common import (
    agreeing,
    alone,
    by_name_or_all,
    consent,
    json_option,
    named,
    open_bench,
    print_json,
    provider_option,
    seats_argument,
    see_to_consent,
    tell_failed,
    which_seats,
)
from bancada.inventory import Seat
from bancada.judge.verdict import Verdict
from bancada.providers import MachineState, foreign, made_by_us
from bancada.reach import ssh as ssh_module
from bancada.reach.system_error import explain
from bancada.seats import up as up_module
from bancada.seats.bench import Bench
from bancada.seats.checking import check
from bancada.seats.down import take_down
from bancada.words.errors import BancadaError, BenchError, UsageError
from bancada.words.shown import one_line, say


@click.command()
@seats_argument
@click.option("--all", "everyone", is_flag=True, help="Every seat of the class.")
@provider_option
@click.option("--yes", is_flag=True, help="Do not ask before this computer is changed for the seats.")
@click.option("--trust-students", is_flag=True, help="Where root of a seat is root of this computer: they may be.")
@click.option("--bare", is_flag=True, help="Only the bare system: nothing prepared, nothing staged (to test roles).")
@json_option
def up(
    seats: tuple[str, ...],
    everyone: bool,
    provider: str | None,
    yes: bool,
    trust_students: bool,
    bare: bool,
    as_json: bool,
) -> None:
    """Bring seats to the ready state: the first of the class, the named ones, or --all."""
    started = time.monotonic()
    by_name_or_all(seats, everyone)
    bench = open_bench(provider=provider)
    chosen = bench.cls.pick(seats) if seats or everyone else bench.cls.seats[:1]
    with alone(bench, "up"):
        bench.progress.note(f"Provider: {bench.provider.name}, {bench.why_provider}.")
        if bare:
            ready = [up_module.bare(bench, seat) for seat in chosen]
        else:
            ready = up_module.up(bench, chosen, agreeing(yes), trusted=trust_students)
    took = time.monotonic() - started
    failed = {seat.seat: seat.error for seat in ready if seat.error}
    if as_json:
        said = [{**vars(seat), "error": vars(seat.error) if seat.error else None} for seat in ready]
        print_json({"document": "bancada.up/1", "class": bench.cls.name, "seats": said})
        raise SystemExit(int(tell_failed("up", failed, seats)))
    rows = [
        [
            seat.seat,
            f"./bancada ssh {seat.seat}",
            "failed" if seat.error else "bare" if bare else "ready, from an older image" if seat.outdated else "ready",
            seat.error.what if seat.error else ", ".join(seat.done) or "nothing to do",
            f"{seat.seconds:.1f} s",
        ]
        for seat in ready
    ]
    tables.table(["seat", "enter with", "state", "what was done", "took"], rows)
    if not any(seat.done or seat.error for seat in ready):
        say(f"Nothing changed: every seat was ready already ({took:.1f} s).")
    for seat in ready:
        if seat.outdated:
            renew = f"./bancada down {seat.seat} && ./bancada up {seat.seat}"
            say(f"To renew {seat.seat} (its student's work is lost): {renew}")
    raise SystemExit(int(tell_failed("up", failed, seats)))


@click.command()
@seats_argument
@json_option
def status(seats: tuple[str, ...], as_json: bool) -> None:
    """Say what exists of each seat, and the state of each exercise on it now. Keeps no verdict."""
    bench = open_bench(quiet=as_json)
    found = _status(bench, bench.cls.pick(seats))
    if as_json:
        print_json({"document": "bancada.status/1", "class": bench.cls.name, "seats": found})
        return
    rows = [
        [seat["seat"], seat["machine"], "  ".join(f"{name}: {state}" for name, state in seat["exercises"].items())]
        for seat in found
    ]
    tables.table(["seat", "machine", "exercises"], rows)


def _status(bench: Bench, seats: Sequence[Seat]) -> list[dict[str, Any]]:
    machines = bench.provider.machines()
    there = {seat.name: machines[seat.name].state for seat in seats if seat.name in machines}
    running = [seat for seat in seats if there.get(seat.name) is MachineState.RUNNING]
    bench.find_ways(running, machines)
    judged = check(bench, running, bench.course, lambda result: None, leave_out=True) if running else []
    return [
        {
            "seat": seat.name,
            "machine": there[seat.name].value if seat.name in there else "absent",
            "exercises": {
                result.exercise: Verdict.ERROR.value if result.verdict is Verdict.ERROR else result.state.value
                for result in judged
                if result.seat == seat.name
            },
        }
        for seat in seats
    ]


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("seat")
@click.option("--admin", is_flag=True, help="Enter as the administrator instead of the student.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def ssh(seat: str, admin: bool, command: tuple[str, ...]) -> None:
    """Enter a seat as its student, or run one COMMAND there."""
    if "--admin" in command[:1]:
        raise UsageError(
            "--admin stands before the seat; all that follows the seat is the command.",
            next=f"./bancada ssh {shlex.join(['--admin', seat, *command[1:]])}",
        )
    bench = open_bench()
    (chosen,) = bench.running([bench.cls.seat(seat).name])
    key = bench.cls.state.admin_key if admin else bench.cls.state.student_key(chosen.name)
    if admin and not key.exists():
        raise ssh_module.lost_key(bench.cls.state)
    if not key.exists():
        raise BenchError(f"The key to enter {seat} is lost.", where=str(key), next=f"./bancada up {seat}")
    alias = chosen.name if admin else f"student.{chosen.name}"
    # OpenSSH looks for its own options also after the host.
    argv = ssh_module.argv(bench.cls.state, alias, *(("--", *command) if command else ()))
    os.execvp(argv[0], argv)


@click.command()
@click.argument("seats", nargs=-1, required=True, metavar="SEAT...")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(seats: tuple[str, ...], yes: bool) -> None:
    """Bring seats back to how `up` left them: from the snapshot of a virtual machine, else by a new machine.

    What their students did since then is lost; verdicts and keys are kept.
    """
    see_to_consent("restore", seats, False, yes)
    bench = open_bench()
    chosen = bench.cls.pick(seats)
    with alone(bench, "restore"):
        machines = bench.provider.machines()
        for seat in chosen:
            if seat.name not in machines:
                raise BenchError(
                    f"{seat.name} does not exist.", where=f"class {bench.cls.name}", next=f"./bancada up {seat.name}"
                )
            if machines[seat.name].state is MachineState.FOREIGN:
                raise foreign(machines[seat.name])
        if not yes:
            who = named([seat.name for seat in chosen])
            consent(f"Class {bench.cls.name}: restore {who}? All that was done there since `up` is lost.")
        up_module.admit(bench, chosen, anew=True)
        bench.write_ssh_config(machines)
        kept: dict[str, BancadaError] = {}
        for seat in chosen:
            try:
                up_module.restore(bench, seat, machines[seat.name])
            except BancadaError as error:
                kept[seat.name] = error
        again = up_module.up(bench, [seat for seat in chosen if seat.name not in kept])
    failed = {ready.seat: ready.error for ready in again if ready.error}
    if done := [ready.seat for ready in again if not ready.error]:
        say(f"Class {bench.cls.name}. As `up` left them: {', '.join(done)}.")
    raise SystemExit(int(max(tell_failed("restore", kept, seats), tell_failed("up", failed))))


@click.command()
@seats_argument
@click.option("--all", "everyone", is_flag=True, help="Every seat of the class.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--halt", is_flag=True, help="Only stop them: files stay, processes end; `up` starts them again.")
def down(seats: tuple[str, ...], everyone: bool, yes: bool, halt: bool) -> None:
    """Destroy seats and what their students did on them. Verdicts and keys are kept."""
    if not seats and not everyone:
        raise which_seats("down")
    by_name_or_all(seats, everyone)
    if not halt:
        see_to_consent("down", seats, everyone, yes)
    bench = open_bench()
    with alone(bench, "down"):
        machines = bench.provider.machines()
        own, words = made_by_us(machines), bench.provider.words
        names = [seat.name for seat in bench.cls.pick(seats)]
        beside: list[str] = []
        if everyone:
            # Builders and proof seats that were left by a kill, and seats that the inventory no longer names.
            beside = sorted(own.keys() - set(names))
        for name in sorted(machines.keys() & set(names) - own.keys()):
            say(f"{name} was not made by this class, so it is left alone.", err=True)
        ours = [name for name in [*names, *beside] if name in own]
        if not ours:
            say("Nothing to do: no such seat exists.")
            return
        failed: dict[str, BancadaError] = {}
        if not yes and not halt:
            for name in ours:
                try:
                    if taken := bench.provider.takes_away(machines[name]):
                        say(f"{name}, {one_line(taken)}", err=True)
                except BancadaError as error:
                    failed[name] = error
            ours = [name for name in ours if name not in failed]
            if not ours:
                raise SystemExit(int(tell_failed("down", failed, seats, beside)))
            consent(f"Class {bench.cls.name}: {words.take} {named(ours)}? {words.lost} lost.")
        going, gone = ("halting", "Halted") if halt else (words.taking, words.taken)
        with suppress(OSError):  # a full disk: the way that is written is there most often
            bench.write_ssh_config(own)
        for name in ours:
            try:
                with bench.progress.step(f"{going} {name}"):
                    if halt:
                        ssh_module.close(bench.cls.state, name)
                        bench.provider.stop(machines[name])
                    else:
                        take_down(bench, machines[name])
            except BancadaError as error:
                failed[name] = error
            except OSError as error:
                failed[name] = explain(error)
        left = made_by_us(bench.provider.machines())
        if not bench.provider.holds(left):
            bench.forget_seats()
        if done := [name for name in ours if name not in failed]:
            say(f"Class {bench.cls.name}. {gone}: {', '.join(done)}.")
        with suppress(OSError):  # on a full disk, which this may be meant to mend: who enters a seat next writes it
            bench.write_ssh_config(left)
        for what, undo in [] if left else bench.provider.kept_on_computer():
            say(f"Kept on this computer: {what}. To take it away: {undo}")
    raise SystemExit(int(tell_failed("down", failed, seats, beside)))
