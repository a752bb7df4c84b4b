"""`bancada up`: from nothing to seats that are ready, doing only what is not done yet."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bancada import bake, ssh, state
from bancada.ansible.playbook import environment, play
from bancada.bench import Bench
from bancada.errors import BenchError
from bancada.inventory import Seat
from bancada.needs import fitting
from bancada.providers import MachineState, foreign
from bancada.run import run

SSH_SECONDS = 120.0


@dataclass(frozen=True)
class Ready:
    """One seat after `up`: what was done to it (nothing, where it was ready already), in seconds."""

    seat: str
    done: tuple[str, ...]
    seconds: float
    outdated: bool
    """Whether it was made from an older image than would be made now."""


def up(bench: Bench, seats: Sequence[Seat]) -> list[Ready]:
    """Bring these seats to the ready state and prove it. Raises BenchError for what stands in the way."""
    provider, _ = bench.provider, bench.course  # what is wrong with either is said before anything is made
    bench.prepare_host()
    machines = provider.machines()
    for seat in seats:
        if seat.name in machines and machines[seat.name].state is MachineState.FOREIGN:
            raise foreign(machines[seat.name])
    bake.admin_key(bench.cls, provider)
    done: dict[str, list[str]] = {seat.name: [] for seat in seats}
    started = time.monotonic()
    outdated = set()
    for seat in seats:
        machine = machines.get(seat.name)
        if machine is None:
            _create(bench, seat, done[seat.name])
        else:
            if machine.image != bake.image_tag(bench.project, seat):
                outdated.add(seat.name)
            if machine.state is MachineState.STOPPED:
                with bench.progress.step(f"starting {seat.name}"):
                    provider.start(machine)
                done[seat.name].append("started")
    records = _settle(bench, seats, done)
    changed = [seat.name for seat in seats if done[seat.name]]
    if changed:
        with bench.progress.step(f"verifying that {', '.join(changed)} {'is' if len(changed) == 1 else 'are'} ready"):
            verify_ready(bench, changed)
    for name, record in records.items():
        state.write_record(bench.cls.state, name, record)  # last: a seat that was never seen ready is done again
    took = time.monotonic() - started
    return [Ready(seat.name, tuple(done[seat.name]), took, seat.name in outdated) for seat in seats]


def give(bench: Bench, seat: Seat) -> None:
    """Make one seat, its student's own but with nothing staged."""
    bench.prepare_host()
    _create(bench, seat, [])
    with bench.progress.step(f"giving {seat.name} to its student") as step:
        play(bench.project, bench.cls, ["personal"], {seat.name: _personal(bench, seat.name)}, on_task=step.say)


def bare(bench: Bench, seat: Seat) -> Ready:
    """A machine from the bare system, with keys and nothing else: what the roles are tested on."""
    started = time.monotonic()
    done = []
    bench.prepare_host()
    bake.ensure_base(bench.project, bench.provider, seat, bench.progress)
    ssh.ensure_key(bench.cls.state.student_key(seat.name), f"student {seat.name}")
    if seat.name not in bench.provider.machines():
        bake.start_bare(bench.project, bench.cls, bench.provider, seat)
        done.append("created")
    return Ready(seat.name, tuple(done), time.monotonic() - started, False)


def verify_ready(bench: Bench, seats: Sequence[str]) -> None:
    """Run the testinfra tests of the ready state; raises BenchError with the first failure."""
    tests = bench.project.root / "tests" / "states" / "test_ready.py"
    hosts = ",".join(f"ssh://{seat}" for seat in seats)
    done = run(
        [
            sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=line", "-p", "no:cacheprovider",
            f"--hosts={hosts}", f"--ssh-config={bench.cls.state.ssh_config}", "--sudo", str(tests),
        ],
        cwd=bench.project.root,
        env=environment(bench.project, bench.cls),
        timeout=300,
        check=False,
    )  # fmt: skip
    if not done.ok:
        failures = [line for line in done.stdout.splitlines() if "Error" in line or line.startswith(("FAILED", "E "))]
        why = failures[0] if failures else done.last_words
        raise BenchError(
            f"The seat is up but not ready: {why}", where=str(tests), next="less " + str(bench.cls.state.log)
        )


def _create(bench: Bench, seat: Seat, done: list[str]) -> None:
    image, baked = bake.ensure_image(bench.project, bench.cls, bench.provider, seat, bench.progress)
    if baked:
        done.append("baked its image")
    admin_key = bake.admin_key(bench.cls, bench.provider)
    ssh.close(bench.cls.state, seat.name)
    with bench.progress.step(f"starting {seat.name}"):
        bench.provider.create(seat, image, admin_key)
        bench.write_ssh_config(bench.provider.machines())
        ssh.wait_until_answering(bench.cls.state, [seat.name], SSH_SECONDS)
    done.append("created")


def _settle(bench: Bench, seats: Sequence[Seat], done: dict[str, list[str]]) -> dict[str, state.SeatRecord]:
    """Make each seat its student's own and stage the course, where that is not so already; what to record of it."""
    machines = bench.provider.machines()
    bench.write_ssh_config(machines)
    ssh.wait_until_answering(bench.cls.state, [seat.name for seat in seats], SSH_SECONDS)
    evidence = bench.evidence_of_all(seats, bench.course)
    variables = {}
    records = {}
    for seat in seats:
        found = evidence[seat.name]
        if isinstance(found, BenchError):
            raise found
        personal = _personal(bench, seat.name)
        digest = hashlib.sha256(json.dumps(personal, sort_keys=True).encode()).hexdigest()[:16]
        record = state.SeatRecord(machines[seat.name].id, digest)
        able = fitting(seat.name, found, bench.course, bench.progress)
        missing = [ex for ex in able if not bench.is_staged(found, ex, seat.name)]
        is_own = state.read_record(bench.cls.state, seat.name) == record
        if is_own and not missing:
            continue
        if not is_own:
            done[seat.name].append("given to its student")
        if missing:
            done[seat.name].append(f"{len(missing)} exercise{'s' * (len(missing) > 1)} staged")
        items = [bench.item(exercise, seat.name) for exercise in missing]
        variables[seat.name] = {**personal, "exercise_items": items, "exercise_seatside": str(bench.seatside_file)}
        records[seat.name] = record
    if variables:
        with bench.progress.step(f"staging {', '.join(variables)}") as step:
            play(bench.project, bench.cls, ["personal", "stage"], variables, on_task=step.say)
    return records


def _personal(bench: Bench, seat: str) -> dict[str, object]:
    key = ssh.ensure_key(bench.cls.state.student_key(seat), f"student {seat}")
    return {
        "student_authorized_keys": [key],
        "student_class": bench.cls.name,
        "student_language": bench.cls.language.value,
    }
