"""A class for tests: real seats, in a state folder that is thrown away; whatever it makes is taken down."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from artifacts import Seats, keep, keeping, leave

from bancada.doctor.of_class import NONE
from bancada.reach.paths import ClassState
from bancada.reach.private import private_folders
from bancada.reach.run import as_root

ROOT = Path(__file__).parents[2]
"""Of the checkout."""
AS_ROOT = as_root([])
"""What goes before a command that only root may run: nothing, or sudo."""
HOSTS = "all:\n  hosts:\n    seat-01:\n    seat-02:\n"
VARIABLES = (
    "bancada_class: {name}\nbancada_course: three\nbancada_language: en\nbancada_provider: podman\n"
    "bancada_trust_students: true\n"
)


COURSE = """title:
  en: Three exercises
  pt-BR: Três exercícios
exercises:
  - chroot/minimal-root
  - namespaces/uts
  - namespaces/pid
"""


@dataclass
class Bancada:
    """Runs `./bancada` as a person would, for a class of its own."""

    folder: Path
    name: str
    environment: dict[str, str] = field(default_factory=dict)
    within: list[str] = field(default_factory=list)
    """Words before each command, which put it where the class's computer is."""
    seats: Seats = field(init=False)

    def __post_init__(self) -> None:
        self.seats = Seats(self.name, self.class_state)

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def class_state(self) -> Path:
        return self.state / "classes" / self.name

    @property
    def inventory(self) -> Path:
        return self.folder / "inventory"

    def container(self, seat: str) -> str:
        return f"bancada-{self.name}-{seat}"

    def own(self) -> dict[str, str]:
        """What makes a command one of this class."""
        ours = {
            "BANCADA_STATE": str(self.state),
            "BANCADA_INVENTORY": str(self.inventory),
            "BANCADA_COURSES": str(self.folder / "courses"),
        }
        return {**ours, **self.environment}

    def env(self) -> dict[str, str]:
        return {**os.environ, **self.own()}

    def typed(self, *words: str, moment: str = "") -> list[str]:
        """The command line of a verb. sudo, by which one gets elsewhere, lets no variable through."""
        own = self.own() | ({"BANCADA_MOMENT": moment} if moment else {})
        told = ["env", *(f"{name}={value}" for name, value in own.items())] if self.within else []
        return [*self.within, *told, "./bancada", *words]

    def __call__(self, *words: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.typed(*words), cwd=ROOT, env=self.env(), capture_output=True, text=True, timeout=timeout,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    def answer(self, words: list[str], typed: str) -> subprocess.CompletedProcess[str]:
        """The same, typed at a terminal, and what a person answers to its question."""
        ours, its = os.openpty()
        try:
            os.write(ours, typed.encode())
            return subprocess.run(
                self.typed(*words),
                cwd=ROOT,
                env=self.env(),
                stdin=its,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            os.close(its)
            os.close(ours)

    def start(self, *words: str, moment: str = "") -> subprocess.Popen[str]:
        """The same, left running in a process group of its own, so that it can be interrupted as from a terminal.

        `moment` is when it gets which signal: see bancada.reach.moment.
        """
        return subprocess.Popen(
            self.typed(*words, moment=moment), cwd=ROOT, env=self.env() | {"BANCADA_MOMENT": moment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def ended(self, *words: str, moment: str) -> subprocess.CompletedProcess[str]:
        """What became of a verb that got a signal at this moment."""
        running = self.start(*words, moment=moment)
        with _ended_where_it_breaks(running):
            out, said = running.communicate(timeout=300)
        assert "Traceback" not in out + said, said
        return subprocess.CompletedProcess(words, running.returncode, out, said)

    @contextmanager
    def halted(self, *words: str, moment: str) -> Iterator[subprocess.Popen[str]]:
        """A verb that stands still at this moment, and goes on when the block ends."""
        running = self.start(*words, moment=f"SIGSTOP {moment}")
        with _ended_where_it_breaks(running):
            _, status = os.waitpid(running.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status), f"it ended with {os.waitstatus_to_exitcode(status)} before the moment came"
            yield running
            running.send_signal(signal.SIGCONT)

    def verdicts(self) -> list[tuple[str, int]]:
        """The exercises that were judged so far, in order of what was found, and how often that was."""
        with sqlite3.connect(self.class_state / "results.sqlite") as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return list(db.execute("SELECT exercise, looks FROM outcomes ORDER BY id"))

    def take_down(self) -> None:
        """Take all seats down. What could not be taken down is a failed test, not a machine that nobody misses.

        Those of a failed test stay where that is asked for."""
        if self.seats.failed and keeping():
            keep(self.seats)
            return
        had = self.containers()
        done = self("down", "--all", "--yes")
        assert done.returncode == 0 or not had, f"down --all failed:\n{done.stdout}{done.stderr}"
        assert not (left := self.containers()), f"down --all left {left}"
        self.forget()

    def forget(self) -> None:
        """Take the folders for sockets away. A class that had no seat has none taken away by `down`, and `check` makes
        one to look from; so does `doctor` where no class can be read."""
        for folder in (self.class_state, self.class_state.with_name(NONE)):
            for sockets in private_folders(ClassState(folder).sockets_name):
                shutil.rmtree(sockets)

    @contextmanager
    def standing(self) -> Iterator[Bancada]:
        """While the block runs; then its seats are taken down. Where it broke, what they say is put down first."""
        try:
            yield self
        except BaseException:
            leave(self.seats)
            raise
        finally:
            self.take_down()

    def containers(self) -> list[str]:
        return self.seats.containers()


@contextmanager
def _ended_where_it_breaks(running: subprocess.Popen[str]) -> Iterator[None]:
    """Where the block breaks, a verb that stands still or hangs is ended with all that it started in its group."""
    try:
        yield
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        raise


def make_class(folder: Path, name: str) -> Bancada:
    (folder / "inventory" / "group_vars").mkdir(parents=True)
    (folder / "inventory" / "hosts.yml").write_text(HOSTS)
    (folder / "courses").mkdir()
    (folder / "courses" / "three.yml").write_text(COURSE)
    (folder / "inventory" / "group_vars" / "all.yml").write_text(VARIABLES.format(name=name))
    return Bancada(folder, name)


@contextmanager
def made(folder: Path, name: str) -> Iterator[Bancada]:
    """A class with no seat yet; whatever it makes is taken down."""
    with make_class(folder, name).standing() as bancada:
        yield bancada


class Shared:
    """The class that tests have in common, with seat-01 up; made when the first one wants it, and anew where it was set
    aside. `folder` gives one that is not there yet."""

    def __init__(self, name: str, folder: Callable[[], Path]) -> None:
        self.name, self.folder = name, folder
        self.made: list[Bancada] = []
        self.now: Bancada | None = None
        self.broken: BaseException | None = None

    def get(self) -> Bancada:
        """Raises what its making raised, however often it is asked for."""
        if self.broken:
            raise self.broken
        if not self.now:
            bancada = make_class(self.folder(), self.name + f"-{len(self.made)}" * bool(self.made))
            self.made.append(bancada)
            try:
                done = bancada("up", timeout=1800)
                assert done.returncode == 0, done.stderr
            except BaseException as error:
                self.broken = error
                leave(bancada.seats)
                raise
            self.now = bancada
        return self.now

    def set_aside(self) -> None:
        """Leave it as a failed test left it; the next test gets another."""
        self.now = None

    def take_down(self) -> None:
        with ExitStack() as all_of_them:
            for bancada in self.made:
                all_of_them.callback(bancada.take_down)


def wait_for(condition: object, seconds: float = 60) -> None:
    """Wait until the condition, a function, is true."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
