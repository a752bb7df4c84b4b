"""What Ansible told is believed of no seat that was not looked at afterwards, and a look has the time that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Timer
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from bancada import records
from bancada.cli import author, common, seats, work
from bancada.cli.common import alone, open_bench
from bancada.course import Exercise, load_catalog
from bancada.evidence import Evidence
from bancada.inventory import Class, Seat, SeatVariables
from bancada.providers import Machine, MachineState
from bancada.providers.base import Hold, Lack, Made, OwnMachines, Words
from bancada.reach import ssh
from bancada.reach.paths import ROOT, ClassState, Project
from bancada.reach.run import Completed
from bancada.seats import bake, ready
from bancada.seats import up as up_module
from bancada.seats.ansible.playbook import Played
from bancada.seats.bake import admin_key
from bancada.seats.bench import COLLECT_SECONDS, Bench, answer_of
from bancada.words.errors import BancadaError, BenchError, Exit, Refused, UsageError
from bancada.words.i18n import Language
from bancada.words.progress import Progress

SEAT = Seat("seat-01", SeatVariables(), {})  # type: ignore[call-arg]


class Provider(Made, OwnMachines):
    """Its one machine runs already."""

    name, patience = "pretended", 1.0

    def machines(self) -> dict[str, Machine]:
        return {SEAT.name: Machine(SEAT.name, "1", SEAT.name, MachineState.RUNNING, "seat:x", None)}

    def bakes(self, seat: Seat) -> bool:
        return True

    def prepare_host(self) -> list[str]:
        return []

    def create(self, seat: Seat, image: str, admin_key: str) -> Machine:
        return self.machines()[seat.name]

    def has_image(self, tag: str) -> bool:
        return True

    def snapshot(self, machine: Machine) -> None: ...


class World:
    """One seat, and plays that succeed whatever they did. After them `stands` tells whether its exercise stands there,
    `enters` whether its student is let in."""

    def __init__(self, folder: Path, exercise: Exercise) -> None:
        self.stood, self.stands, self.enters = False, False, True
        self.asked: list[tuple[str, float, str]] = []
        """Who was entered, with how many seconds for the command, and its input."""
        self.provider: Any = Provider()
        cls = Class("c", "course", Language.EN, (SEAT,), folder, ClassState(folder / "c"))
        self.bench = Bench(Project(ROOT, folder), cls, Progress(quiet=True))
        self.bench.__dict__.update(
            catalog={exercise.name: exercise}, course=(exercise,), _chosen=(self.provider, "it is pretended")
        )

    def play(self, *_: object, **__: object) -> Played:
        self.stood = self.stands
        return Played(changed={SEAT.name: 0})

    def remote(self, _: ClassState, alias: str, command: str, *, timeout: float = 60, **words: object) -> Completed:
        self.asked.append((alias, timeout, str(words.get("input"))))
        if alias.startswith("student.") and not self.enters:
            raise BenchError(f"{alias} cannot be reached over SSH: Permission denied (publickey).")
        return Completed((), 0, "{}", "")

    def evidence(self, document: object) -> Any:
        (exercise,) = self.bench.course
        (marker,) = self.bench.for_role(SEAT.name, [exercise])["exercise_items"]
        return SimpleNamespace(staged={exercise.name: marker} if self.stood else {}, has=frozenset())

    @property
    def recorded(self) -> bool:
        return records.read_record(self.bench.cls.state, SEAT.name) is not None


@pytest.fixture
def world(tmp_path: Path, exercises: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    def sound(bench: Bench, seats: Sequence[str]) -> dict[str, ready.Look]:
        return {seat: ready.Look([]) for seat in seats}

    monkeypatch.setattr("bancada.reach.run._log", None)
    world = World(tmp_path, load_catalog(exercises)["demo/first"])
    for module in ("bancada.seats.up", "bancada.seats.bench"):
        monkeypatch.setattr(f"{module}.play", world.play)
    for verbs in (work, seats):
        monkeypatch.setattr(verbs, "open_bench", lambda **_: world.bench)
    monkeypatch.setattr("bancada.seats.bench.require_proven", lambda exercises: None)
    monkeypatch.setattr(Bench, "wait_until_answering", lambda bench, seats: None)
    monkeypatch.setattr(Evidence, "from_json", world.evidence)
    monkeypatch.setattr(ssh, "remote", world.remote)
    monkeypatch.setattr(ssh, "ensure_key", lambda path, comment: "ssh-ed25519 AAAA")
    monkeypatch.setattr(bake, "image_tag", lambda *_: "seat:x")
    monkeypatch.setattr(bake, "admin_key", lambda *_: "ssh-ed25519 AAAA")
    monkeypatch.setattr(ready, "look", sound)
    return world


def brought_up(world: World) -> BancadaError | None:
    (told,) = up_module.up(world.bench, [SEAT])
    assert told.done == ("given to its student", "1 exercise staged")
    return told.error


def test_a_seat_that_was_seen_as_told_is_recorded(world: World) -> None:
    world.stands = True
    assert brought_up(world) is None and world.recorded


def test_a_seat_on_which_nothing_was_staged_is_not_recorded(world: World) -> None:
    error = brought_up(world)
    assert error is not None and error.what == "demo/first was staged on seat-01, and does not stand there."
    assert not world.recorded


def test_a_seat_that_lets_its_student_not_in_is_not_recorded(world: World) -> None:
    world.stands, world.enters = True, False
    error = brought_up(world)
    assert error is not None and "student.seat-01 cannot be reached" in error.what
    assert not world.recorded


@pytest.mark.parametrize("stands", [True, False])
def test_a_lent_machine_is_let_go_of_whether_or_not_it_came_up(
    world: World, monkeypatch: pytest.MonkeyPatch, stands: bool
) -> None:
    """What its owner does from then on is not ours."""
    told: list[str] = []

    class Held:
        def close(self) -> None:
            told.append("closed")

        def drop(self) -> None:
            told.append("dropped")

    def hold(seat: str) -> Hold:
        told.append("held")
        return Held()

    monkeypatch.setattr(world.provider, "hold", hold)
    world.stands = stands
    assert (brought_up(world) is None) is stands
    assert told == ["held", "closed" if stands else "dropped"]


class Counting(Provider):
    """Nothing exists at first; it notes what it is asked and told to do."""

    words = Words(made="conjured")

    def __init__(self) -> None:
        self.there: dict[str, Machine] = {}
        self.asked: list[str] = []

    def machines(self) -> dict[str, Machine]:
        self.asked.append("which are there")
        return dict(self.there)

    def create(self, seat: Seat, image: str, admin_key: str) -> Machine:
        if seat.name == "seat-09":
            raise BenchError("It cannot be made.")
        self.asked.append(seat.name)
        self.there[seat.name] = Machine(seat.name, f"id of {seat.name}", "", MachineState.RUNNING, image, None)
        return self.there[seat.name]

    def start(self, machine: Machine) -> Machine:
        self.asked.append(machine.seat)
        address = ssh.Address("192.0.2.1", 22, "ssh-ed25519 AAAA")  # a new one, as a virtual machine may have
        self.there[machine.seat] = replace(machine, state=MachineState.RUNNING, address=address)
        return self.there[machine.seat]

    def snapshot(self, machine: Machine) -> None:
        assert machine == self.there[machine.seat]


@pytest.fixture
def counting(world: World, monkeypatch: pytest.MonkeyPatch) -> Counting:
    """The world's provider, of seats on which there is nothing to stage and that are all well."""
    provider = world.provider = Counting()
    monkeypatch.setattr(ready, "look", lambda _, seats: {seat: ready.Look([]) for seat in seats})
    monkeypatch.setattr(Evidence, "from_json", lambda _: SimpleNamespace(staged={}, has=frozenset()))
    world.bench.__dict__.update(_chosen=(provider, ""), course=())
    return provider


@pytest.mark.parametrize("number", [1, 3])
def test_which_machines_are_there_is_asked_once_however_many_are_made_or_started(
    world: World, counting: Counting, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    seats = [replace(SEAT, name=f"seat-{n:02}") for n in range(1, number + 1)]
    names = [seat.name for seat in seats]
    written: list[dict[str, Machine]] = []
    monkeypatch.setattr(world.bench, "write_ssh_config", lambda machines: written.append(dict(machines)))
    told = up_module.up(world.bench, seats)
    assert [one.error for one in told] == [None] * number and {one.done[0] for one in told} == {"conjured"}
    assert counting.asked == ["which are there", *names]
    each = [list(machines) for machines in written]
    assert each == [*(names[: n + 1] for n in range(number)), names], "each is entered as soon as it is there"
    counting.there = {name: replace(one, state=MachineState.STOPPED) for name, one in counting.there.items()}
    counting.asked.clear()
    told = up_module.up(world.bench, seats)
    assert counting.asked == ["which are there", *names] and {one.done for one in told} == {("started",)}
    assert written[-1] == counting.there


def test_after_a_machine_that_could_not_be_made_it_is_looked_again(world: World, counting: Counting) -> None:
    one, other = up_module.up(world.bench, [SEAT, replace(SEAT, name="seat-09")])
    assert one.error is None and other.error and other.error.what == "It cannot be made."
    assert counting.asked == ["which are there", SEAT.name, "which are there"]


def test_a_seat_that_was_never_ready_is_an_error_and_no_failure(world: World) -> None:
    """Its `up` was killed: nothing there is its student's doing, or lack of it."""
    done = CliRunner().invoke(work.check, [SEAT.name])
    assert done.exit_code == Exit.BENCH and "no `up` has come to its end there" in done.output
    shown = CliRunner().invoke(seats.status, [SEAT.name])
    assert "demo/first: error" in shown.output, shown.output
    world.stands = True
    assert brought_up(world) is None and not world.bench.unfinished([SEAT.name])
    records.write_record(world.bench.cls.state, SEAT.name, records.SeatRecord("of another machine", ""))
    assert world.bench.unfinished([SEAT.name]) == {SEAT.name}


def test_a_student_who_was_shut_out_is_let_in_by_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.stands = True
    assert brought_up(world) is None
    (told,) = up_module.up(world.bench, [SEAT])
    assert told.done == () and told.error is None
    remote = world.remote

    def shut(state: ClassState, alias: str, command: str, **words: Any) -> Completed:
        world.enters = world.enters or command == up_module.LET_IN
        if alias.startswith("student.") and not world.enters:
            raise Refused(f"{alias} cannot be reached over SSH: Permission denied (publickey).")
        return remote(state, alias, command, **words)

    monkeypatch.setattr(ssh, "remote", shut)
    world.enters = False
    (told,) = up_module.up(world.bench, [SEAT])
    assert told.done == ("given to its student",) and told.error is None


def test_a_seat_for_a_proof_lets_its_student_in(world: World) -> None:
    up_module.give(world.bench, SEAT)
    world.enters = False
    with pytest.raises(BenchError, match=r"student.seat-01 cannot be reached"):
        up_module.give(world.bench, SEAT)


@pytest.mark.parametrize(("verb", "before", "after"), [("stage", False, True), ("reset", True, False)])
def test_what_a_verb_did_is_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch, verb: str, before: bool, after: bool
) -> None:
    monkeypatch.setattr(work, "see_to_consent", lambda *_: None)
    command, words = getattr(work, verb), [SEAT.name, *(["--yes"] if verb == "reset" else [])]
    for stands, code in ((after, Exit.PASSED), (before, Exit.BENCH)):
        world.stood, world.stands = before, stands
        done = CliRunner().invoke(command, words)
        assert done.exit_code == code, done.output
        assert ("failed" in done.stdout) == (code is Exit.BENCH) == (f"demo/first was {verb}" in done.stderr)


def test_who_is_slow_keeps_nobody_waiting_and_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judged = Event()

    def look(seat: Seat) -> str:
        if seat.name == "slow":
            assert judged.wait(60)
        return f"of {seat.name}"

    monkeypatch.setattr("bancada.seats.bench.WORD_SECONDS", 0.1)
    bench = Bench(world.bench.project, world.bench.cls, Progress())
    looks = bench.as_it_comes([replace(SEAT, name="slow"), SEAT], look)
    assert next(looks) == (SEAT.name, f"of {SEAT.name}")
    Timer(1.0, judged.set).start()
    assert next(looks) == ("slow", "of slow")
    assert "… still waiting for slow\n" in capsys.readouterr().err


@pytest.mark.parametrize("patience", [1.0, 10.0])
def test_a_look_at_a_seat_has_time_for_all_its_probes(world: World, patience: float) -> None:
    world.provider.patience = patience
    world.bench.evidence(SEAT.name, world.bench.course)
    world.bench.evidence_of_all([SEAT], world.bench.course)
    assert [alias for alias, _, _ in world.asked] == [SEAT.name] * 2
    assert min(seconds for _, seconds, _ in world.asked) >= COLLECT_SECONDS * patience >= 300 * patience
    assert all(f'"patience": {patience}' in said for _, _, said in world.asked)


def test_root_of_this_computer_is_trusted_once_and_said_each_time(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.provider, "shared_root", lambda seats=(): Lack("no ids", ""))

    def admitted(trusted: bool) -> str:
        bench = Bench(world.bench.project, world.bench.cls, Progress())
        bench.__dict__.update(course=(), _chosen=(world.provider, "it is pretended"))
        up_module.admit(bench, [SEAT], trusted=trusted)
        return capsys.readouterr().err

    with pytest.raises(BenchError, match="Root of a seat would be root of this computer: no ids") as error:
        admitted(trusted=False)
    assert error.value.next.endswith("./bancada up --trust-students seat-01")
    for trusted in (True, False):
        assert "Root of a seat is root of this computer (no ids); you said that you trust" in admitted(trusted)


def test_what_seats_are_counts_unless_they_are_made_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the seat that was made without a user namespace could not be restored, which is how it gets one."""

    def shared_root(there: Sequence[str] = ()) -> Lack | None:
        return Lack("without one", "./bancada restore seat-01") if "seat-01" in there else None

    monkeypatch.setattr(world.provider, "shared_root", shared_root)
    with pytest.raises(BenchError, match="would be root of this computer: without one"):
        up_module.admit(world.bench, [SEAT])
    monkeypatch.setattr(seats, "open_bench", lambda **_: world.bench)
    restored: list[str] = []
    monkeypatch.setattr(up_module, "restore", lambda bench, seat, machine: restored.append(seat.name))
    monkeypatch.setattr(up_module, "up", lambda *_: [])
    done = CliRunner().invoke(seats.restore, ["seat-01", "--yes"])
    assert done.exit_code == 0 and restored == ["seat-01"], done.output


def test_who_is_asked_hears_which_seats_and_how_many() -> None:
    assert common.named(["seat-01"]) == "seat-01"
    assert common.named(["a", "b", "c"]) == "3 seats (a, b, c)"
    assert common.named([f"seat-{n:02}" for n in range(1, 31)]) == "30 seats (seat-01 … seat-30)"


def test_seats_for_a_proof_need_that_trust_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.provider, "shared_root", lambda seats=(): Lack("no ids", ""))
    monkeypatch.setattr(author, "open_bench", lambda **_: world.bench)
    monkeypatch.setattr(world.provider, "create", lambda *_: pytest.fail("a seat was made"))
    done = CliRunner().invoke(author.prove, ["-e", "demo/first"])
    assert isinstance(done.exception, BenchError), done.output
    assert "root of this computer" in done.exception.what
    assert done.exception.next.endswith("./bancada up --trust-students seat-01")


def test_a_seat_in_use_to_which_exercises_are_added_is_asked_for_what_the_class_needs(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its student changed meanwhile is a note, as on a seat that was only started."""
    changed = {SEAT.name: ready.Look([], changed=["mine.service is degraded"])}
    world.stands = True
    assert brought_up(world) is None and world.recorded
    monkeypatch.setattr(ready, "look", lambda *_: changed)
    world.stood = False
    (told,) = up_module.up(world.bench, [SEAT])
    assert told.done == ("1 exercise staged",) and told.error is None


def test_a_second_inventory_that_has_the_first_ones_class_still_is_told_so(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`cp -r inventory evening`, and `down --all` there would take the first one's seats."""
    for folder in ("morning", "evening"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "hosts.yml").touch()

    def of(path: str) -> Bench:
        cls = replace(world.bench.cls, inventory=tmp_path / path)
        bench = Bench(world.bench.project, cls, Progress(quiet=True))
        bench.__dict__["_chosen"] = (world.provider, "it is pretended")
        return bench

    there = world.provider.machines()[SEAT.name]
    monkeypatch.setattr(common, "load_class", lambda _: of("evening").cls)
    monkeypatch.setattr(common, "Bench", lambda *_: of("evening"))
    for path in ("morning", "morning/hosts.yml"):
        with alone(of(path), "up"):
            pass
    with (
        pytest.raises(UsageError, match=r"are of another inventory: .*/morning") as error,
        alone(of("evening"), "down"),
    ):
        pytest.fail("it went on")
    assert "another bancada_class" in error.value.next
    monkeypatch.setattr(world.provider, "machines", lambda: {"seat-07": replace(there, seat="seat-07")})
    with pytest.raises(UsageError, match="are of another inventory"), alone(of("morning/hosts.yml"), "down"):
        pytest.fail("a file of the folder that names other seats has not those of the others")
    with pytest.raises(UsageError, match="are of another inventory"):
        open_bench()  # as `check` does, whose verdicts cannot be taken back, and `ssh`
    (tmp_path / "morning").rename(tmp_path / "noon")  # moved, not copied
    with alone(of("noon"), "up"):
        pass
    of("noon").forget_seats()
    with alone(of("evening"), "up"):
        pass


@pytest.mark.parametrize("lost", ["secret", "keys/admin"])
def test_nothing_is_taken_away_that_could_not_be_made_anew(
    world: World, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`restore` asks for that first, as `up` does."""
    monkeypatch.setattr(bake, "admin_key", admin_key)
    kept = world.bench.cls.state
    kept.admin_key.parent.mkdir(exist_ok=True)
    kept.admin_key.touch()
    (kept.folder / lost).unlink()
    with pytest.raises(BenchError, match="lost"):
        up_module.admit(world.bench, [SEAT])


def test_a_proof_asks_for_no_proof_of_the_course(world: World) -> None:
    """It is how a changed exercise of it gets one."""
    for unproven in (True, False):
        bench = Bench(world.bench.project, world.bench.cls, Progress(quiet=True), unproven=unproven)
        bench.__dict__["_chosen"] = (world.provider, "it is pretended")
        if unproven:
            up_module.admit(bench, [SEAT])
        else:
            with pytest.raises(UsageError, match="course"):  # there is none of that name
                up_module.admit(bench, [SEAT])


def test_a_seat_that_cannot_be_restored_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(SEAT, name="seat-02")
    machines = {
        name: Machine(name, name, name, MachineState.RUNNING, "seat:x", None) for name in ("seat-01", "seat-02")
    }
    world.bench.__dict__["cls"] = replace(world.bench.cls, seats=(SEAT, other))
    monkeypatch.setattr(world.provider, "machines", lambda: machines)
    monkeypatch.setattr(seats, "open_bench", lambda **_: world.bench)
    monkeypatch.setattr(seats, "see_to_consent", lambda *_: None)
    monkeypatch.setattr(world.bench, "write_ssh_config", lambda machines: None)

    def restore(bench: Bench, seat: Seat, machine: Machine) -> None:
        if seat is SEAT:
            raise BenchError("It holds on.")

    monkeypatch.setattr(up_module, "restore", restore)
    world.stands = True
    done = CliRunner().invoke(seats.restore, ["seat-01", "seat-02", "--yes"])
    assert done.exit_code == Exit.BENCH, done.output
    assert "Class c. As `up` left them: seat-02.\n" in done.stdout
    assert "It holds on.\n  next:  ./bancada restore seat-01" in done.stderr


def test_what_start_up_files_of_a_seat_say_is_no_answer() -> None:
    assert answer_of(Completed((), 0, 'Good morning\n{"evidence": 2}\n', "")) == {"evidence": 2}
    with pytest.raises(ValueError, match=r"speaks into its answer: see ~bancada/\.bashrc"):
        answer_of(Completed((), 0, 'morning{"evidence": 2}\n', ""))
