"""`bancada up`: from nothing to seats that are ready, doing only what is not done yet."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from bancada import records
from bancada.course import Exercise
from bancada.course.capabilities import capabilities
from bancada.course.needs import LeftOut
from bancada.inventory import Seat
from bancada.judge.judge import bench_fault
from bancada.providers import Hold, Machine, MachineState, Provider, foreign
from bancada.reach import ssh
from bancada.seats import bake, ready
from bancada.seats.ansible.playbook import play
from bancada.seats.bench import Bench
from bancada.seats.down import take_down
from bancada.words.errors import BancadaError, BenchError, Refused
from bancada.words.shown import counted

LET_IN = """sudo -n sh -c 'usermod --shell /bin/bash --expiredate "" student; cd /home/student && mkdir -p .ssh &&
chown student: . .ssh && chmod go-w . && chmod 700 .ssh'"""
"""What lets a student in again who changed what sshd wants of an account; the keys are put back beside."""


@dataclass(frozen=True)
class Ready:
    """One seat after `up`: what was done to it (nothing, where it was ready already), in seconds."""

    seat: str
    done: tuple[str, ...]
    seconds: float
    outdated: bool = False
    """Whether it was made from an older image than would be made now."""
    error: BancadaError | None = None
    """Why it is not ready; None where it is."""


def nobody_agrees(change: str) -> bool:
    """Where nobody is asked, nothing of this computer is changed."""
    return False


def up(
    bench: Bench, seats: Sequence[Seat], agree: Callable[[str], bool] = nobody_agrees, *, trusted: bool = False
) -> list[Ready]:
    """Bring these seats to the ready state and prove it. A seat that fails does not stop the others.

    `agree` and `trusted` as in Bench.admit_students. Raises BancadaError for what stands in the way of all of them.
    """
    admit(bench, seats, agree, trusted=trusted)
    started = time.monotonic()
    work = _Up(bench, seats)
    work.start()
    try:
        work.settle()
        work.verify()
    finally:
        work.release()
    took = time.monotonic() - started
    return [
        Ready(name, tuple(work.done[name]), took, name in work.outdated, work.failed.get(name)) for name in work.done
    ]


def admit(
    bench: Bench,
    seats: Sequence[Seat],
    agree: Callable[[str], bool] = nobody_agrees,
    *,
    trusted: bool = False,
    anew: bool = False,
) -> None:
    """See that seats of this class can and may be made here, as `up` does first. `agree`, `trusted` and `anew` as in
    Bench.admit_students. Raises BancadaError where not."""
    # What is wrong with any of these is said before anything is made, or taken away.
    _ = bench.provider, bench.unproven or bench.course
    records.secret(bench.cls.state)
    bench.admit_students([seat.name for seat in seats], agree, trusted=trusted, anew=anew)
    bench.prepare_host()
    bake.admin_key(bench.cls, bench.provider)


def restore(bench: Bench, seat: Seat, machine: Machine) -> None:
    """Bring a machine back to its snapshot; one that has none goes, so that `up` makes it anew, when that is sure. How
    seats are entered must be written."""
    ssh.close(bench.cls.state, seat.name)
    with bench.progress.step(f"restoring {seat.name}"):
        if bench.provider.restore(machine):
            return
    if bench.provider.bakes(seat):
        bake.ensure_image(bench.project, bench.cls, bench.provider, seat, bench.progress)
    take_down(bench, machine)


class _Up:
    """One `up`: what was done to each seat so far, and why those that failed did."""

    def __init__(self, bench: Bench, seats: Sequence[Seat]) -> None:
        self.bench, self.seats = bench, seats
        self.done: dict[str, list[str]] = {seat.name: [] for seat in seats}
        self.failed: dict[str, BancadaError] = {}
        self.outdated: set[str] = set()
        self.records: dict[str, records.SeatRecord] = {}
        self.staged: dict[str, list[Exercise]] = {}
        self.new: set[str] = set()
        """Seats that were never seen ready, so that nobody has worked on them."""
        self.doubtful: set[str] = set()
        """Seats that were ready once, and may not be any more though nothing was done to them."""
        self.holds: dict[str, Hold] = {}
        self.machines: dict[str, Machine] = {}
        """All that exist, as they were listed when it began, and as those were found that it made or started."""

    @property
    def going(self) -> list[Seat]:
        return [seat for seat in self.seats if seat.name not in self.failed]

    @contextmanager
    def _alone(self, seat: str) -> Iterator[None]:
        """What goes wrong in here is this seat's alone."""
        try:
            yield
        except BancadaError as error:
            self.failed[seat] = error

    def start(self) -> None:
        """Make the machines that are missing, start those that are stopped; all of them answer afterwards."""
        bench, provider = self.bench, self.bench.provider
        self.machines = machines = provider.machines()
        broken: dict[str, BancadaError] = {}  # images: one that cannot be made for one seat is not tried for each
        for seat in self.seats:
            machine, image = machines.get(seat.name), bake.image_tag(bench.project, provider, seat)
            with self._alone(seat.name):
                machine = _unless_half_made(provider, machine)
                if machine is None:
                    machines.pop(seat.name, None)
                    if image in broken and provider.bakes(seat):
                        raise broken[image]
                    try:
                        _create(bench, seat, machines, self.done[seat.name])
                    except BancadaError as error:
                        if provider.bakes(seat) and not provider.has_image(image):
                            broken[image] = error
                        raise
                    continue
                if machine.state is MachineState.FOREIGN:
                    raise foreign(machine)
                if provider.bakes(seat) and machine.image != image:
                    self.outdated.add(seat.name)
                if machine.state is not MachineState.RUNNING:
                    with bench.progress.step(f"starting {seat.name}"):
                        machines[seat.name] = provider.start(machine)
                    self.done[seat.name].append("started")
        if self.failed:  # nobody knows what is there of those
            machines |= provider.machines()
        bench.write_ssh_config(machines)

        def wait(seat: Seat) -> None:
            with self._alone(seat.name):
                bench.wait_until_answering([seat.name])

        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(wait, self.going))

    def settle(self) -> None:
        """Prepare the seats that start from no image, make each its student's own and stage the course, where that is
        not so already."""
        bench, provider = self.bench, self.bench.provider
        evidence = bench.evidence_of_all(self.going, bench.course, probing=False)
        shut_out = self._shut_out()
        prepare: dict[str, dict[str, object]] = {}
        stage: dict[str, dict[str, object]] = {}
        left_out = LeftOut()
        for seat in self.going:
            with self._alone(seat.name):
                found = evidence[seat.name]
                if isinstance(found, BancadaError):
                    raise found
                personal = _personal(bench, seat.name)
                digest = hashlib.sha256(json.dumps(personal, sort_keys=True).encode()).hexdigest()[:16]
                prepared = "" if provider.bakes(seat) else bake.image_tag(bench.project, provider, seat)
                record = records.SeatRecord(self.machines[seat.name].id, digest, prepared)
                before = records.read_record(bench.cls.state, seat.name)
                if before and seat.name in shut_out:
                    self.doubtful.add(seat.name)
                    before = replace(before, personal="")
                if before and not before.sound:
                    self.doubtful.add(seat.name)
                    before = replace(before, sound=True)
                unprepared = before is None or (before.id, before.prepared) != (record.id, prepared)
                if unprepared:
                    self.new.add(seat.name)
                if prepared and unprepared:
                    brought = {name for name, one in capabilities().items() if one.seen_by.files}
                    found = replace(found, has=found.has | brought)  # the roles bring it
                able = left_out.fitting(seat.name, found, bench.course)
                if any(bench_fault(found, exercise.needs) for exercise in able):
                    self.doubtful.add(seat.name)
                missing = [ex for ex in able if not bench.is_staged(found, ex, seat.name)]
                if before == record and not missing:
                    continue
                if prepared and unprepared:
                    self.done[seat.name].append("prepared")
                    prepare[seat.name] = {**provider.preparation(), **seat.preparation}
                if before != record:
                    self.done[seat.name].append("given to its student")
                if missing:
                    self.done[seat.name].append(f"{counted(len(missing), 'exercise')} staged")
                stage[seat.name] = {**personal, **bench.for_role(seat.name, missing, texts=True)}
                self.holds[seat.name] = provider.hold(seat.name)
                self.records[seat.name], self.staged[seat.name] = record, missing
        left_out.tell(bench.progress)
        self._play(["prepare"], "preparing", prepare)
        self._play(["personal", "stage"], "staging", stage)

    def _shut_out(self) -> set[str]:
        """The seats that were given to their students and let them in no more, as they may have made them. What their
        own root can have done to their account is undone, so that they can be given anew."""
        given = []
        for seat in self.going:
            record = records.read_record(self.bench.cls.state, seat.name)
            if record and record.id == self.machines[seat.name].id:
                given.append(seat.name)

        def is_shut_out(seat: str) -> bool:
            try:
                _enter(self.bench, seat)
            except Refused:
                with suppress(BancadaError):  # whether it helped shows when they are given anew
                    ssh.remote(self.bench.cls.state, seat, LET_IN)
                return True
            except BancadaError:
                return False  # busy, or as _see will tell
            return False

        with ThreadPoolExecutor(max_workers=8) as pool:
            return {seat for seat, shut in zip(given, pool.map(is_shut_out, given), strict=True) if shut}

    def _play(self, playbooks: Sequence[str], title: str, variables: Mapping[str, Mapping[str, object]]) -> None:
        variables = {seat: values for seat, values in variables.items() if seat not in self.failed}
        if not variables:
            return
        with self.bench.progress.step(f"{title} {', '.join(variables)}") as step:
            try:
                played = play(self.bench.project, self.bench.cls, playbooks, variables, on_task=step.say, go_on=True)
            except BancadaError as error:  # Ansible itself, so nobody was spared
                self.failed.update(dict.fromkeys(variables, error))
            else:
                self.failed.update(played.failed)

    def verify(self) -> None:
        """See each seat that was changed ready, and only then record what was done to it."""
        bench = self.bench
        changed = [seat.name for seat in self.going if self.done[seat.name] or seat.name in self.doubtful]
        if changed:
            with bench.progress.step(
                f"verifying that {', '.join(changed)} {'is' if len(changed) == 1 else 'are'} ready"
            ):
                self._verify(changed)
                self._see([seat.name for seat in self.going if seat.name in self.records])
        for seat in self.going:
            if record := self.records.get(seat.name):
                with self._alone(seat.name):
                    self.holds.pop(seat.name).close()
                    bench.provider.snapshot(self.machines[seat.name])
                    # last: what was never seen ready is done again
                    records.write_record(bench.cls.state, seat.name, record)
        for seat in self.seats:
            self._note_soundness(seat.name)

    def _note_soundness(self, seat: str) -> None:
        """A seat that was ready and is not any more is looked at again by the next `up`."""
        record, sound = records.read_record(self.bench.cls.state, seat), seat not in self.failed
        if record and record.sound != sound:
            records.write_record(self.bench.cls.state, seat, replace(record, sound=sound))

    def _see(self, seats: Sequence[str]) -> None:
        """Look whether what was staged stands there, and whether their students can come in."""
        self.failed.update(self.bench.unlike("stage", {seat: self.staged[seat] for seat in seats}))

        def enter(seat: str) -> None:
            with self._alone(seat):
                _enter(self.bench, seat)

        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(enter, [seat for seat in seats if seat not in self.failed]))

    def release(self) -> None:
        """Let go of the machines of seats that failed: what anybody does there from now on is not ours."""
        for hold in self.holds.values():
            hold.drop()

    def _verify(self, seats: Sequence[str]) -> None:
        try:
            found = ready.look(self.bench, seats)
        except BancadaError as error:
            if len(seats) == 1:
                self.failed[seats[0]] = error
                return
            for seat in seats:  # whose failure it was shows when each goes alone
                self._verify([seat])
            return
        for seat, look in found.items():
            if why := look.error(seat, new=seat in self.new, where=str(self.bench.cls.state.log)):
                self.failed[seat] = why
            elif look.changed:
                self.bench.progress.note(f"! {seat} is not as new, but can be used: {'; '.join(look.changed)}")


def give(bench: Bench, seat: Seat) -> None:
    """Make one seat, its student's own but with nothing staged."""
    bench.prepare_host()
    _create(bench, seat, bench.provider.machines(), [])
    with bench.progress.step(f"giving {seat.name} to its student") as step:
        play(bench.project, bench.cls, ["personal"], {seat.name: _personal(bench, seat.name)}, on_task=step.say)
        _enter(bench, seat.name)


def _enter(bench: Bench, seat: str) -> None:
    """See that a seat which was given to its student lets that student in."""
    ssh.remote(bench.cls.state, f"{ssh.STUDENT}.{seat}", "true")


def bare(bench: Bench, seat: Seat) -> Ready:
    """A machine from the bare system, with keys and nothing else: what the roles are tested on."""
    started = time.monotonic()
    done = []
    bench.prepare_host()
    bake.ensure_base(bench.project, bench.provider, seat, bench.progress)
    ssh.ensure_key(bench.cls.state.student_key(seat.name), f"student {seat.name}")
    machines = bench.provider.machines()
    machine = _unless_half_made(bench.provider, machines.get(seat.name))
    if machine is None:
        bake.start_bare(bench.project, bench.cls, bench.provider, seat, machines)
        done.append("created")
    elif machine.state is MachineState.FOREIGN:
        raise foreign(machine)
    elif (record := records.read_record(bench.cls.state, seat.name)) and record.id == machine.id:
        what = f"{seat.name} is prepared and given to its student, so it is not bare any more."
        raise BenchError(what, where=f"class {bench.cls.name}", next=f"./bancada up {seat.name}")
    elif machine.state is not MachineState.RUNNING:
        machines[seat.name] = bench.provider.start(machine)
        bench.write_ssh_config(machines)
        done.append("started")
    return Ready(seat.name, tuple(done), time.monotonic() - started)


def _unless_half_made(provider: Provider, machine: Machine | None) -> Machine | None:
    """The machine; one that was never started is taken away, as nobody was ever in it, so that it is made anew."""
    if machine is None or machine.state is not MachineState.HALF_MADE:
        return machine
    provider.destroy(machine)
    return None


def _create(bench: Bench, seat: Seat, machines: dict[str, Machine], done: list[str]) -> None:
    """Make the machine of one seat. It joins `machines`, which are all that exist, and what was done for it `done`."""
    image = ""
    if bench.provider.bakes(seat):
        image, baked = bake.ensure_image(bench.project, bench.cls, bench.provider, seat, bench.progress)
        if baked:
            done.append("baked its image")
    admin_key = bake.admin_key(bench.cls, bench.provider)
    ssh.close(bench.cls.state, seat.name)
    with bench.progress.step(f"starting {seat.name}"):
        machines[seat.name] = bench.provider.create(seat, image, admin_key)
        bench.write_ssh_config(machines)
        bench.wait_until_answering([seat.name])
    done.append(bench.provider.words.made)


def _personal(bench: Bench, seat: str) -> dict[str, object]:
    key = ssh.ensure_key(bench.cls.state.student_key(seat), f"student {seat}")
    return {
        "student_authorized_keys": [key],
        "student_class": bench.cls.name,
        "student_language": bench.cls.language.value,
    }
