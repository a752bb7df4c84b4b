"""A class of its own for the end-to-end tests: real seats, in a state folder that is thrown away."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bancada.reach.paths import ClassState
from bancada.reach.run import as_root

ROOT = Path(__file__).parents[2]
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
        try:
            out, said = running.communicate(timeout=300)
        finally:
            running.kill()
        assert "Traceback" not in out + said, said
        return subprocess.CompletedProcess(words, running.returncode, out, said)

    @contextmanager
    def halted(self, *words: str, moment: str) -> Iterator[subprocess.Popen[str]]:
        """A verb that stands still at this moment, and goes on when the block ends."""
        running = self.start(*words, moment=f"SIGSTOP {moment}")
        try:
            _, status = os.waitpid(running.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status), f"it ended with {os.waitstatus_to_exitcode(status)} before the moment came"
            yield running
            running.send_signal(signal.SIGCONT)
        except BaseException:
            running.kill()
            raise

    def verdicts(self) -> list[tuple[str, int]]:
        """The exercises that were judged so far, in order of what was found, and how often that was."""
        with sqlite3.connect(self.class_state / "results.sqlite") as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return list(db.execute("SELECT exercise, looks FROM outcomes ORDER BY id"))

    def take_down(self) -> None:
        """Take all seats down. What could not be taken down is a failed test, not a machine that nobody misses."""
        had = self.containers()
        done = self("down", "--all", "--yes")
        assert done.returncode == 0 or not had, f"down --all failed:\n{done.stdout}{done.stderr}"
        assert not (left := self.containers()), f"down --all left {left}"
        # A class that had no seat has none of them taken away by `down`, and `check` makes one to look from.
        shutil.rmtree(ClassState(self.class_state).sockets)

    def containers(self) -> list[str]:
        argv = [*AS_ROOT, "podman", "ps", "--all", "--format", "{{.Names}}"]
        listed = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
        return [name for name in listed if name.startswith(self.container(""))]

    def look(self) -> str:
        """What helps to understand why a test failed: the last commands, and what the seats said."""
        log = self.class_state / "commands.log"
        told = [f"--- {log}", *(log.read_text(errors="replace").splitlines()[-40:] if log.exists() else ["(none)"])]
        for name in self.containers():
            argv = [*AS_ROOT, "podman", "exec", name, "journalctl", "--no-pager", "--lines=20"]
            said = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)
            told += [f"--- the journal of {name}", said.stdout + said.stderr]
        return "\n".join(line[:200] for text in told for line in text.splitlines())


def make_class(folder: Path, name: str) -> Bancada:
    (folder / "inventory" / "group_vars").mkdir(parents=True)
    (folder / "inventory" / "hosts.yml").write_text(HOSTS)
    (folder / "courses").mkdir()
    (folder / "courses" / "three.yml").write_text(COURSE)
    (folder / "inventory" / "group_vars" / "all.yml").write_text(VARIABLES.format(name=name))
    return Bancada(folder, name)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Bancada]:
    """A class with no seat yet; whatever it makes is taken down."""
    bancada = make_class(tmp_path, f"t{os.getpid()}-{time.monotonic_ns() % 10**6}")
    yield bancada
    bancada.take_down()


@pytest.fixture(scope="session")
def bancada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bancada]:
    """A class whose seat-01 is up and staged, in a folder as people have them. Tests leave it as they found it."""
    bancada = make_class(tmp_path_factory.mktemp("class") / 'Área de Trabalho/st%20x "y"', f"e2e{os.getpid()}")
    try:
        done = bancada("up", timeout=1800)
        assert done.returncode == 0, done.stderr
        yield bancada
    finally:
        bancada.take_down()


@pytest.fixture(autouse=True)
def left_as_found(request: pytest.FixtureRequest) -> Iterator[None]:
    """The shared class after each test as before it: put right where the test failed, seen to be right in any case."""
    if "bancada" not in request.fixturenames:
        yield
        return
    bancada: Bancada = request.getfixturevalue("bancada")
    environment, inventory = dict(bancada.environment), _texts(bancada.inventory)
    yield
    changed = bancada.environment != environment or _texts(bancada.inventory) != inventory
    bancada.environment = environment
    for path, text in inventory.items():
        path.write_text(text)
    if request.node.stash.get(FAILED, False):
        for words in (["up"], ["reset", "seat-01", "--yes"], ["stage", "seat-01"], ["down", "seat-02", "--yes"]):
            bancada(*words)
    else:
        assert not changed, "the test left another environment or inventory behind"
    assert (found := _class(bancada)) == AS_FOUND, f"the shared class is not as it was: {found}"


FAILED = pytest.StashKey[bool]()
AS_FOUND = {"seat-01": ("running", {"staged"}), "seat-02": ("absent", set())}


def _class(bancada: Bancada) -> dict[str, tuple[str, set[str]]]:
    """Of each seat, its machine and the states of its exercises."""
    done = bancada("status", "--json")
    assert done.returncode == 0, done.stderr
    seats = json.loads(done.stdout)["seats"]
    return {seat["seat"]: (seat["machine"], set(seat["exercises"].values())) for seat in seats}


def _texts(folder: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a test failed, keep what the bench said: it is gone when anybody comes to look."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value := getattr(value, "bancada", value), Bancada):
                report.sections.append((f"bench {value.name} at the end of {report.when}", value.look()))
    return report


def wait_for(condition: object, seconds: float = 60) -> None:
    """Wait until the condition, a function, is true."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
