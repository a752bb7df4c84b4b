"""A class of its own for the end-to-end tests: real seats, in a state folder that is thrown away."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bancada.run import as_root

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

    def env(self) -> dict[str, str]:
        own = {
            "BANCADA_STATE": str(self.state),
            "BANCADA_INVENTORY": str(self.inventory),
            "BANCADA_COURSES": str(self.folder / "courses"),
        }
        return {**os.environ, **own, **self.environment}

    def __call__(self, *words: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["./bancada", *words], cwd=ROOT, env=self.env(), capture_output=True, text=True, timeout=timeout,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    def start(self, *words: str) -> subprocess.Popen[str]:
        """The same, left running in a process group of its own, so that it can be interrupted as from a terminal."""
        return subprocess.Popen(
            ["./bancada", *words], cwd=ROOT, env=self.env(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip


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
    bancada("down", "--all", "--yes")


@pytest.fixture(scope="session")
def bancada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bancada]:
    """A class whose seat-01 is up and staged, in a folder as people have them. Tests leave it as they found it."""
    bancada = make_class(tmp_path_factory.mktemp("class") / 'Área de Trabalho/st%20x "y"', f"e2e{os.getpid()}")
    try:
        done = bancada("up", timeout=1800)
        assert done.returncode == 0, done.stderr
        yield bancada
    finally:
        bancada("down", "--all", "--yes")


def wait_for(condition: object, seconds: float = 60) -> None:
    """Wait until the condition, a function, is true."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
