"""One class on its provider: what every verb works with."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from bancada import providers, records
from bancada.course import Exercise, load_catalog, load_course, no_exercise, require_proven
from bancada.course.capabilities import capabilities
from bancada.course.variant import Variant, for_role, variant_of
from bancada.evidence import Evidence
from bancada.inventory import Class, Seat
from bancada.judge.judge import EXERCISES_ROOT
from bancada.judge.pool import Judges
from bancada.onseat.seatside import program
from bancada.providers import Machine, MachineState, Provider, made_by_us
from bancada.reach import ssh
from bancada.reach.lock import Busy, locked
from bancada.reach.paths import Project, write_whole
from bancada.reach.run import Completed, log_to
from bancada.seats.ansible.playbook import Played, play
from bancada.seats.answering import SSH_SECONDS, wait_until_answering
from bancada.words.errors import BenchError, UsageError, to_read
from bancada.words.progress import Progress
from bancada.words.shown import one_line

A = TypeVar("A")
PYTHON = "sudo -n python3 -"
EVIDENCE_BYTES = 16 * 2**20
"""How much one answer of a seat may hold; a seat whose kernel holds thousands of processes needs some MiB."""
WORD_SECONDS = 15.0
"""After which a seat that has not answered yet is named."""
COLLECT_SECONDS = 300.0
"""That one look at a seat may take, its exercises' probes among it: see evidence.seatside.probes."""
PREAMBLE = """
exec 3<&-
wait_until() { # for the scripts of exercises: until a command succeeds, for PATIENCE seconds at most
  local tries=$((PATIENCE * 20))
  until "$@" >/dev/null 2>&1; do
    if [ $((tries -= 1)) -eq 0 ]; then
      echo "in vain: wait_until $*" >&2
      return 1
    fi
    sleep 0.05
  done
}
export -f wait_until
"""


@dataclass(frozen=True)
class Look:
    """What one look at a seat brought: the document as it came, and what it says, validated."""

    document: bytes
    evidence: Evidence


def _document(done: Completed) -> str:
    return done.stdout.rstrip().rpartition("\n")[2]  # start-up files there may speak before it


def look_of(done: Completed) -> Look:
    """What the seat-side program collected. Raises ValueError where that is no evidence."""
    document = _document(done)
    try:
        return Look(document.encode(), Evidence.from_json(document))
    except ValueError:
        answer_of(done)  # where it is no document at all, it is told what it is
        raise


def answer_of(done: Completed) -> dict[str, Any]:
    """What the seat-side program answered. Raises ValueError with its refusal, or where it is no answer of its own."""
    try:
        answer = json.loads(_document(done))
    except (ValueError, RecursionError):
        if '{"evidence"' in done.stdout:
            raise ValueError("something there speaks into its answer: see ~bancada/.bashrc") from None
        raise ValueError(done.last_words) from None
    if "\\ud" in done.stdout.lower():
        json.dumps(answer, ensure_ascii=False).encode()  # half a character is a ValueError here, and no fault later
    if not isinstance(answer, dict):
        raise ValueError(f"its answer is no document, but {one_line(done.stdout)[:60]}")  # noqa: TRY004
    if "error" in answer:
        told = answer["error"].get("message") if isinstance(answer["error"], dict) else answer["error"]
        raise ValueError(one_line(str(told)[:400]))
    return answer


@contextmanager
def _telling_its_state(seat: str) -> Iterator[None]:
    """Whatever an odd answer makes go wrong in here is this seat's trouble, and nobody else's."""
    try:
        yield
    except Exception as error:
        why = str(error) if isinstance(error, ValueError) else f"an odd answer ({type(error).__name__}: {error})"
        raise BenchError(
            f"{seat} cannot tell its state: {one_line(why)[:400]}", where=PYTHON, next=f"./bancada ssh {seat}"
        ) from error


@dataclass
class Bench:
    """Everything that a verb needs: the class, where its state is, who makes its seats, how to tell progress."""

    project: Project
    cls: Class
    progress: Progress
    wanted_provider: str | None = None
    unproven: bool = False
    alone: bool = False
    """Whether the verb holds the class's lock."""
    judges: Judges = field(default_factory=Judges)
    _admitted: bool = field(default=False, init=False)
    _ids: dict[str, str] = field(default_factory=dict, init=False)
    """Of the machines of seats that are up, as they were listed."""

    def __post_init__(self) -> None:
        records.prepare(self.cls.state)
        records.take_over_keys(self.cls.state, (seat.name for seat in self.cls.seats))
        log_to(self.cls.state.log)
        ssh.tighten(self.cls.state)

    @cached_property
    def catalog(self) -> dict[str, Exercise]:
        return load_catalog(self.project.exercises)

    @cached_property
    def course(self) -> tuple[Exercise, ...]:
        """The class's exercises, in order, all of them proven."""
        course = load_course(self.project.courses, self.cls.course, self.catalog)
        require_proven(course)
        return course

    @cached_property
    def _chosen(self) -> tuple[Provider, str]:
        kept = records.provider(self.cls.state)
        wanted = self.wanted_provider or self.cls.seats[0].variables.bancada_provider
        others = providers.MAKERS[kept](self.cls).machines() if kept and wanted not in (kept, "auto") else {}
        if there := made_by_us(others):
            raise UsageError(
                f"The seats of this class were made by {kept}, and some exist: {', '.join(there)}.",
                where=f"class {self.cls.name}",
                next=f"go on with {kept}; or for seats of {wanted} another class: bancada_class, in the inventory",
            )
        return providers.choose(self.cls, self.wanted_provider, kept)

    @property
    def provider(self) -> Provider:
        return self._chosen[0]

    @property
    def why_provider(self) -> str:
        return self._chosen[1]

    def prepare_host(self) -> None:
        """Let the provider mend on this computer what it may, and say so. From now on the class's seats are its own."""
        records.keep_provider(self.cls.state, self.provider.name)
        for change in self.provider.prepare_host():
            self.progress.note(f"! {change}")

    def admit_students(
        self, seats: Sequence[str], agree: Callable[[str], bool], *, trusted: bool, anew: bool = False
    ) -> None:
        """See to it that root of a seat is not root of this computer, or that its owner trusts the class with that.

        `agree` is asked before this computer is changed for it; `trusted` is remembered; `anew`: these seats are about
        to be made anew, whatever they are. Raises BenchError where students would be root here and nobody said that
        they may. What is seen to is seen to for the whole verb.
        """
        if self._admitted:
            return
        for change in self.provider.changes():
            if agree(f"{change.says}."):
                change.make()
                self.progress.note(f"! {change.says}.")
        if lack := self.provider.shared_root(() if anew else seats):
            if trusted:
                records.keep_trust(self.cls.state)
            if not self.trusts_students:
                mend = f"{lack.mend}; or, for" if lack.mend else "for"
                who = "--all" if len(seats) == len(self.cls.seats) > 1 else " ".join(seats)
                raise BenchError(
                    f"Root of a seat would be root of this computer: {lack.what}.",
                    where=f"class {self.cls.name}",
                    next=f"{mend} students whom you trust with it, ./bancada up --trust-students {who}",
                )
            self.progress.note(
                f"! Root of a seat is root of this computer ({lack.what}); you said that you trust the class."
            )
        self._admitted = True

    @property
    def trusts_students(self) -> bool:
        return self.cls.seats[0].variables.bancada_trust_students or records.trusts(self.cls.state)

    def _is_same(self, kept: Path | None) -> bool:
        """Whether ours is this inventory: as a folder, or as a file in it that names all seats which there are."""
        ours = self.cls.inventory
        if kept is None or kept == ours:
            return kept == ours
        if kept not in (ours.parent, *ours.glob("*")):
            return False
        return all(self.cls.may_make(seat) for seat in made_by_us(self.provider.machines()))

    def see_inventory(self) -> None:
        """Raises UsageError where the class's seats are of another inventory, which is still there: a copy of it, made
        for a second class, that has the first one's name still."""
        ours, kept = self.cls.inventory, records.inventory(self.cls.state)
        if self._is_same(kept):
            return
        if kept and kept.exists() and self.provider.holds(self.provider.machines()):
            note = shlex.quote(str(self.cls.state.folder / "inventory"))
            raise UsageError(
                f"The seats of class {self.cls.name} are of another inventory: {kept}",
                where=str(ours),
                next=f"set another bancada_class here; or, where this took the other's place, rm {note}",
            )

    def keep_inventory(self) -> None:
        """Note that the class's seats are of this inventory, as it is the first or took the other's place."""
        ours, kept = self.cls.inventory, records.inventory(self.cls.state)
        if not self._is_same(kept):
            with suppress(OSError):  # it only guards
                records.keep_inventory(self.cls.state, ours)

    def forget_seats(self) -> None:
        """None is left: the next ones may be made by another provider, and nobody is connected to any."""
        records.keep_provider(self.cls.state, "")
        records.keep_inventory(self.cls.state, None)
        shutil.rmtree(self.cls.state.sockets, ignore_errors=True)

    def exercises(self, names: Iterable[str]) -> tuple[Exercise, ...]:
        """The exercises of these names; the course's where none is named."""
        names = list(names)
        for name in names:
            if name not in self.catalog:
                raise no_exercise(name, self.catalog, self.project.exercises)
        chosen = tuple(self.catalog[name] for name in names) if names else self.course
        if not self.unproven:
            require_proven(chosen)
        return chosen

    # Seats

    def running(self, names: Sequence[str]) -> tuple[Seat, ...]:
        """The seats of these names, which must be up; all that are up where none is named."""
        seats = self.cls.pick(names)
        machines = self.provider.machines()
        up = [seat for seat in seats if seat.name in machines and machines[seat.name].state is MachineState.RUNNING]
        down = [seat.name for seat in seats if seat not in up]
        if (names and down) or not up:
            who = ", ".join(down) if names else "no seat of this class"
            verb = "is" if not names or len(down) == 1 else "are"
            raise BenchError(
                f"{who} {verb} up." if not names else f"{who} {verb} not up.",
                where=f"class {self.cls.name}",
                next=f"./bancada up {' '.join(down)}" if names or len(down) == 1 else "./bancada up --all",
            )
        self.find_ways(up, machines)
        return tuple(up)

    def unfinished(self, seats: Iterable[str]) -> set[str]:
        """Those of these seats, of which `find_ways` was asked, that no `up` has seen ready since they were made."""
        found = set()
        for seat in seats:
            record = records.read_record(self.cls.state, seat)
            if seat in self._ids and (record is None or record.id != self._ids[seat]):
                found.add(seat)
        return found

    def write_ssh_config(self, machines: Mapping[str, Machine]) -> None:
        """How all seats are entered: for a verb that holds the class's lock, from a listing made under it."""
        ssh.write_config(self.cls.state, {name: m.address for name, m in machines.items() if m.address})

    def find_ways(self, seats: Iterable[Seat], machines: Mapping[str, Machine]) -> None:
        """See that these seats can be entered by what is written. Only what is missing is written, and only under the
        lock: a verb that looks on while `up` runs would take from it the seats that it has just made."""
        seats = list(seats)
        self._ids |= {seat.name: machines[seat.name].id for seat in seats}
        if self.alone:
            self.write_ssh_config(machines)
            return
        ways = {seat.name: address for seat in seats if (address := machines[seat.name].address)}
        if ssh.knows(self.cls.state, ways):
            return
        with suppress(Busy), locked(self.cls.state.lock, "looking"):  # who is busy writes it, and knows better
            self.write_ssh_config(self.provider.machines())

    def wait_until_answering(self, seats: Iterable[str]) -> None:
        """Wait until these seats let us in; raises BenchError for the first that does not."""
        wait_until_answering(self.cls.state, self.provider, seats, SSH_SECONDS * self.provider.patience)

    # On seats

    def variant(self, exercise: Exercise, seat: str) -> Variant:
        return variant_of(exercise, seat, records.secret(self.cls.state))

    def seatside(self, seat: str, command: str, argument: Mapping[str, Any], timeout: float = 60) -> Any:
        """Run the seat-side program: one SSH round trip, one JSON document back.

        The program comes with its argument by standard input: as a word of the command line it would be read by
        everybody there, and has an end (execve(2)). Raises BenchError where the answer is no such document.
        """
        done = self._ask(seat, command, argument, timeout)
        with _telling_its_state(seat):
            return answer_of(done)

    def _ask(self, seat: str, command: str, argument: Mapping[str, Any], timeout: float) -> Completed:
        said = f"ARGV = {[command, json.dumps(argument)]!r}\n{program()}"
        timeout *= self.provider.patience
        return ssh.remote(self.cls.state, seat, PYTHON, input=said, timeout=timeout, check=False, limit=EVIDENCE_BYTES)

    @cached_property
    def seatside_file(self) -> Path:
        """The seat-side program as one file, for Ansible to send."""
        path = self.cls.state.folder / "seatside.py"
        write_whole(path, program())
        return path

    def look(self, seat: str, exercises: Iterable[Exercise], *, probing: bool = True) -> Look:
        """What a seat shows of these exercises; without `probing`, what their own probes look at is left out."""
        exercises = list(exercises)
        wanted = {
            "exercises_root": EXERCISES_ROOT,
            "exercises": [exercise.name for exercise in exercises],
            "patience": self.provider.patience,
            "capabilities": {name: one.seen_by.model_dump() for name, one in capabilities().items()},
            "docker": any(need.seen_by.service == "docker" for exercise in exercises for need in exercise.needs),
            "probes": {
                exercise.name: {
                    "source": exercise.probe.read_text(encoding="utf-8"),
                    "variant": self.variant(exercise, seat).as_dict(),
                }
                for exercise in exercises
                if probing and exercise.probe.exists()
            },
        }
        done = self._ask(seat, "collect", wanted, COLLECT_SECONDS)
        with _telling_its_state(seat):
            return look_of(done)

    def evidence(self, seat: str, exercises: Iterable[Exercise], *, probing: bool = True) -> Evidence:
        """What `look` found."""
        return self.look(seat, exercises, probing=probing).evidence

    def evidence_of_all(
        self, seats: Iterable[Seat], exercises: Sequence[Exercise], *, probing: bool = True
    ) -> dict[str, Evidence | BenchError]:
        """The evidence of several seats, in their order; a seat that cannot be asked gives its error instead."""
        seats = list(seats)
        found = dict(self.as_it_comes(seats, lambda seat: self.evidence(seat.name, exercises, probing=probing)))
        return {seat.name: found[seat.name] for seat in seats}

    def as_it_comes(
        self, seats: Iterable[Seat], ask: Callable[[Seat], A]
    ) -> Generator[tuple[str, A | BenchError], None, None]:
        """What `ask` gives for each of several seats, side by side: who is quick waits for nobody; who is not is told.

        A seat of which it raises BenchError gives that instead.
        """

        def one(seat: Seat) -> A | BenchError:
            try:
                return ask(seat)
            except BenchError as error:
                return error

        with ThreadPoolExecutor(max_workers=8) as pool:
            left = {pool.submit(one, seat): seat.name for seat in seats}
            try:
                while left:
                    done = wait(left, WORD_SECONDS, FIRST_COMPLETED).done
                    if not done:
                        self.progress.note(f"… still waiting for {', '.join(left.values())}")
                    while done:
                        future = done.pop()  # kept nowhere else: it holds what the seat said
                        yield left.pop(future), future.result()
                        del future
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)  # who was not asked yet is asked no more
                raise

    def unlike(self, verb: str, work: Mapping[str, Sequence[Exercise]]) -> dict[str, BenchError]:
        """The seats that, looked at after a `stage` or `reset` of these exercises, are not as it should have left them:
        what each shows instead."""

        def look(seat: str) -> BenchError | None:
            try:
                evidence = self.evidence(seat, work[seat], probing=False)
            except BenchError as error:
                return error
            for exercise in work[seat]:
                if verb == "stage" and not self.is_staged(evidence, exercise, seat):
                    what = f"{exercise.name} was staged on {seat}, and does not stand there."
                elif verb == "reset" and exercise.name in evidence.staged:
                    what = f"{exercise.name} was reset on {seat}, and still stands there."
                else:
                    continue
                return BenchError(what, where=f"{EXERCISES_ROOT}/{exercise.name}", next=to_read(self.cls.state.log))
            return None

        with ThreadPoolExecutor(max_workers=8) as pool:
            found = dict(zip(work, pool.map(look, work), strict=True))
        return {seat: error for seat, error in found.items() if error}

    def for_role(self, seat: str, exercises: Iterable[Exercise], *, texts: bool = False) -> dict[str, Any]:
        """The variables of the role `exercise` for these on one seat; with their `texts` to stage them."""
        items = [for_role(exercise, self.variant(exercise, seat), texts=texts) for exercise in exercises]
        return {"exercise_items": items, "exercise_seatside": str(self.seatside_file)}

    def is_staged(self, evidence: Evidence, exercise: Exercise, seat: str) -> bool:
        """Whether this exercise stands on the seat just as its folder is now."""
        marker = evidence.staged.get(exercise.name)
        wanted = {"digest": exercise.digest, "variant": self.variant(exercise, seat).as_dict()}
        return marker is not None and all(marker.get(key) == value for key, value in wanted.items())

    def play(
        self, playbooks: Sequence[str], work: Mapping[str, Sequence[Exercise]], title: str, *, go_on: bool = False
    ) -> Played:
        """Run playbooks of the role `exercise` for the exercises of each seat; `go_on` as in ansible.playbook.play."""
        texts = "stage" in playbooks
        variables = {seat: self.for_role(seat, exercises, texts=texts) for seat, exercises in work.items()}
        with self.progress.step(title) as step:
            return play(self.project, self.cls, playbooks, variables, on_task=step.say, go_on=go_on)

    def run_script(self, seat: str, exercise: Exercise, text: str) -> Completed:
        """Run a script as the student would: over the student's own login, in the exercise's folder.

        It may take as long as six waits that are all in vain. It comes by a descriptor of its own: a command in it that
        reads its input must not eat the rest.
        """
        exports = "".join(
            f"export {key}={shlex.quote(value)}\n"
            for key, value in self.variant(exercise, seat).as_environment().items()
        )
        patience = round(exercise.file.patience * self.provider.patience)
        exports += f"export PATIENCE={patience}\n{PREAMBLE}"
        command = f"cd {shlex.quote(f'{EXERCISES_ROOT}/{exercise.name}')} && exec bash /dev/fd/3 3<&0 </dev/null"
        return ssh.remote(
            self.cls.state, f"student.{seat}", command, input=exports + text, timeout=6 * patience, check=False
        )
