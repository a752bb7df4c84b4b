"""The proof: every exercise taken through all its states on a real seat, every check shown to be right."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock
from typing import Any

from bancada.course import Exercise, proven
from bancada.course.variant import Variant
from bancada.inventory import Seat, own_name
from bancada.judge import recorded
from bancada.judge.recorded import Record, Seen
from bancada.judge.verdict import ExerciseResult, Verdict
from bancada.reach import ssh
from bancada.seats import up
from bancada.seats.bench import Bench
from bancada.seats.checking import Decided, check
from bancada.words.errors import BancadaError, BenchError
from bancada.words.progress import Progress
from bancada.words.shown import counted

PROOF_SEAT = own_name("proof")
SETTLING = (0, 1, 3)
"""Seconds before each look whether a reset left anything; the last one counts."""


@dataclass(frozen=True)
class Step:
    name: str
    held: bool
    detail: str = ""


@dataclass
class Proof:
    """What was shown of one exercise. `killed` of `mistakes` were caught by the test that they name."""

    exercise: Exercise
    steps: list[Step] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    """What was judged at each step, and how."""
    killed: int = 0
    seconds: float = 0

    @property
    def mistakes(self) -> int:
        return len(self.exercise.mistakes)

    @property
    def holds(self) -> bool:
        return bool(self.steps) and all(step.held for step in self.steps) and self.killed == self.mistakes

    def step(self, name: str, held: bool, detail: str = "") -> None:
        self.steps.append(Step(name, held, "" if held else detail))


@contextmanager
def proof_seats(bench: Bench, number: int, *, keep: bool = False) -> Iterator[list[Seat]]:
    """Seats for the proof alone, made like the class's first one; gone afterwards, unless they are to be kept until the
    next proof or `down --all`."""
    seats = [replace(bench.cls.seats[0], name=f"{PROOF_SEAT}-{n + 1}") for n in range(number)]

    def clear() -> None:
        machines = bench.provider.machines()
        for seat in seats:
            if machine := machines.get(seat.name):
                ssh.close(bench.cls.state, seat.name)
                bench.provider.destroy(machine)

    clear()  # what a killed proof left
    try:
        for seat in seats:
            up.give(bench, seat)
        yield seats
    finally:
        if not keep:
            clear()


def prove(
    bench: Bench,
    seats: Sequence[Seat],
    exercises: Sequence[Exercise],
    *,
    seed: int | None,
    told: Callable[[Proof], None],
) -> list[Proof]:
    """Prove these exercises, each on the first seat that is free; in random order where a seed is given.

    `told` gets each proof as it ends; what is returned is in the order in which they were begun.
    """
    order = list(exercises)
    if seed is not None:
        random.Random(seed).shuffle(order)
    free: SimpleQueue[Seat] = SimpleQueue()
    for seat in seats:
        free.put(seat)
    bench.seatside_file  # noqa: B018  # written once, before several provers would
    quiet = replace(bench, progress=Progress(quiet=True), unproven=True)
    plays = _Plays(quiet)
    where = f"{len(seats)} seats" if len(seats) > 1 else seats[0].name
    with (
        bench.progress.step(f"proving {counted(len(order), 'exercise')} on {where}") as step,
        ThreadPoolExecutor(len(seats)) as pool,
    ):

        def one(exercise: Exercise) -> Proof:
            proof = Proof(exercise)
            seat = free.get()
            started = time.monotonic()
            try:
                _Prover(quiet, plays, seat, exercise, proof, step.say).run()
            except BancadaError as error:
                proof.step("the bench holds", False, str(error))
            else:
                _record(exercise, proof, quiet.variant(exercise, seat.name))
            finally:
                free.put(seat)
                proof.seen.clear()  # it is large, and written down by now
            proof.seconds = time.monotonic() - started
            return proof

        begun = [pool.submit(one, exercise) for exercise in order]
        try:
            for done in as_completed(begun):
                told(done.result())
        except BaseException:
            plays.stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [done.result() for done in begun]


class _Plays:
    """Runs of Ansible that provers share. To start it is most of what it costs, so those who wait go together."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.running, self.asking, self.stopped = Lock(), Lock(), Event()
        self.asked: list[tuple[tuple[str, ...], Seat, Exercise, Future[list[str]]]] = []

    def play(self, playbooks: tuple[str, ...], seat: Seat, exercise: Exercise) -> list[str]:
        """The names of the tasks that changed something on this seat."""
        answer: Future[list[str]] = Future()
        with self.asking:
            self.asked.append((playbooks, seat, exercise, answer))
        with self.running:
            if self.stopped.is_set():
                raise BenchError("The proof was interrupted.", next="./bancada prove")
            if not answer.done():
                self._run(playbooks)
        return answer.result()

    def _run(self, playbooks: tuple[str, ...]) -> None:
        with self.asking:
            now = [one for one in self.asked if one[0] == playbooks]
            self.asked = [one for one in self.asked if one[0] != playbooks]
        work = {seat.name: [exercise] for _, seat, exercise, _ in now}
        try:
            tasks = self.bench.play(playbooks, work, "").tasks
        except BancadaError:
            for _, seat, exercise, answer in now:  # whose failure it was shows when each goes alone
                try:
                    answer.set_result(self.bench.play(playbooks, {seat.name: [exercise]}, "").tasks)
                except BancadaError as own:
                    answer.set_exception(own)
        except BaseException as error:
            for *_, answer in now:  # nobody must wait for ever
                answer.set_exception(error)
        else:
            for _, seat, _, answer in now:
                answer.set_result([task for task in tasks if task.startswith(f"{seat.name}: ")])


class _Prover:
    def __init__(
        self, bench: Bench, plays: _Plays, seat: Seat, exercise: Exercise, proof: Proof, say: Callable[[str], None]
    ) -> None:
        self.bench, self.plays, self.seat = bench, plays, seat
        self.exercise, self.proof, self.say = exercise, proof, say

    def run(self) -> None:
        exercise, proof = self.exercise, self.proof
        self._play("reset")
        if exercise.file.survives_reboot:
            self._restart()  # so that what only a reboot takes away is no difference later
        pristine = self._snapshot()
        self._red("pristine is red")
        self._play("stage")
        self._red("staged is red")
        again = self._play("stage")
        proof.step("staging again changes nothing", not again, f"changed: {'; '.join(again)}")
        staged = self._snapshot()
        self._green("the solution is green", exercise.solution)
        self._green("the solution again is green", exercise.solution)
        if exercise.file.survives_reboot:
            self._restart()
            name = "after a reboot it is still green"
            result = self._check(name)
            proof.step(name, result.verdict is Verdict.PASSED, _verdicts(result))
        after = "the solution"
        for script in exercise.alternatives:
            self._afresh(after, staged)
            after = f"alternative {script.stem}"
            self._green(f"{after} is green", script)
        for mistake in exercise.mistakes:
            self._afresh(after, staged)
            after = f"mistake {mistake.name}"
            said = self._answer(mistake.script)
            name = f"{after} is red at {mistake.caught_by}"
            result = self._check(name)
            caught = any(test.name == mistake.caught_by and test.verdict is Verdict.FAILED for test in result.tests)
            caught = caught and result.verdict is Verdict.FAILED and not said  # one that broke off proves nothing
            proof.killed += caught
            proof.step(name, caught, f"{_verdicts(result)} {said}")
        self._play("reset")
        self._compare(f"reset after {after} leaves nothing", pristine)

    def _afresh(self, after: str, staged: Any) -> None:
        """Reset, and stage anew in the same run: what `after` left behind shows beside what staging puts there."""
        self._play("reset", "stage")
        self._compare(f"reset after {after} leaves nothing", staged)

    def _compare(self, name: str, before: Any) -> None:
        for seconds in SETTLING:  # what ends by itself, as a unit that follows a session out, is not left over
            time.sleep(seconds)
            if not (left := differences(before, self._snapshot())):
                break
        self.proof.step(name, not left, "; ".join(left[:5]))

    def _play(self, *playbooks: str) -> list[str]:
        self.say(f"{self.exercise.name}: {' and '.join(playbooks)}")
        return self.plays.play(playbooks, self.seat, self.exercise)

    def _check(self, step: str) -> ExerciseResult:
        def seen(one: Decided) -> None:
            if one.evidence is not None:
                tests = {test.name: test.verdict for test in one.results[0].tests}
                self.proof.seen.append(Seen(step, one.evidence, tests))

        return check(self.bench, [self.seat], [self.exercise], seen)[0]

    def _snapshot(self) -> Any:
        return self.bench.seatside(self.seat.name, "snapshot", {})

    def _red(self, name: str) -> None:
        result = self._check(name)
        self.proof.step(name, result.verdict is Verdict.FAILED, _verdicts(result))

    def _green(self, name: str, script: Path) -> None:
        said = self._answer(script)
        result = self._check(name)
        self.proof.step(name, result.verdict is Verdict.PASSED, f"{_verdicts(result)} {said}")

    def _answer(self, script: Path) -> str:
        """Type the answer as the student; what it said, where it did not end well."""
        done = self.bench.run_script(self.seat.name, self.exercise, script.read_text(encoding="utf-8"))
        return "" if done.ok else f"[{script.name} ended with {done.code}: {done.last_words}]"

    def _restart(self) -> None:
        machine = self.bench.provider.machines()[self.seat.name]
        ssh.close(self.bench.cls.state, self.seat.name)
        self.bench.provider.restart(machine)
        self.bench.write_ssh_config(self.bench.provider.machines())
        self.bench.wait_until_answering([self.seat.name])


def differences(before: Any, after: Any, path: str = "") -> list[str]:
    """What is in one snapshot and not, or otherwise, in the other; one line each."""
    if isinstance(before, dict) and isinstance(after, dict):
        lines = []
        for key in sorted(before.keys() | after.keys(), key=str):
            where = f"{path}/{key}" if path else str(key)
            if key not in before:
                lines.append(f"left over: {where} = {after[key]}")
            elif key not in after:
                lines.append(f"missing: {where}")
            else:
                lines += differences(before[key], after[key], where)
        return lines
    return [] if before == after else [f"changed: {path}: {before} -> {after}"]


def _verdicts(result: ExerciseResult) -> str:
    said = [f"{test.name}: {test.verdict}" + (f" ({test.found})" if test.found else "") for test in result.tests]
    return f"{result.verdict}: " + ", ".join(said)


def _record(exercise: Exercise, proof: Proof, variant: Variant) -> None:
    """Note in the folder for which content the proof holds, so that the exercise loads, with the evidence that showed
    it; a failed proof undoes that."""
    if not proof.holds:
        (exercise.folder / proven.PROOF).unlink(missing_ok=True)
    elif not exercise.is_proven or proven.is_stale(exercise.folder) or not (exercise.folder / proven.RECORD).exists():
        recorded.write(exercise.folder, Record(variant.as_dict(), proof.seen))
        proven.note(exercise.folder, exercise.content, f"{proof.killed}/{proof.mistakes}")
