"""A class of its own for the end-to-end tests: real seats, in a state folder that is thrown away."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from artifacts import (
    FAILED,
    keeping,
    pytest_collection_finish,
    pytest_runtest_makereport,
    pytest_terminal_summary,
)
from classes import AS_ROOT, ROOT, Bancada, Shared, made, make_class, wait_for

__all__ = [
    "AS_ROOT", "ROOT", "Bancada", "made", "make_class", "pytest_collection_finish", "pytest_runtest_makereport",
    "pytest_terminal_summary", "wait_for",
]  # fmt: skip


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Bancada]:
    """A class with no seat yet; whatever it makes is taken down."""
    with made(tmp_path, f"t{os.getpid()}-{time.monotonic_ns() % 10**6}") as bancada:
        yield bancada


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    shared = Shared(f"e2e{os.getpid()}", lambda: tmp_path_factory.mktemp("class") / 'Área de Trabalho/st%20x "y"')
    yield shared
    shared.take_down()


@pytest.fixture
def bancada(shared: Shared) -> Bancada:
    """A class whose seat-01 is up and staged, in a folder as people have them. Tests leave it as they found it."""
    return shared.get()


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
        if keeping():
            request.getfixturevalue("shared").set_aside()
            return
        bancada.seats.failed = False
        for words in (["up"], ["reset", "seat-01", "--yes"], ["stage", "seat-01"], ["down", "seat-02", "--yes"]):
            bancada(*words)
    else:
        assert not changed, "the test left another environment or inventory behind"
    assert (found := _class(bancada)) == AS_FOUND, f"the shared class is not as it was: {found}"


AS_FOUND = {"seat-01": ("running", {"staged"}), "seat-02": ("absent", set())}


def _class(bancada: Bancada) -> dict[str, tuple[str, set[str]]]:
    """Of each seat, its machine and the states of its exercises."""
    done = bancada("status", "--json")
    assert done.returncode == 0, done.stderr
    seats = json.loads(done.stdout)["seats"]
    return {seat["seat"]: (seat["machine"], set(seat["exercises"].values())) for seat in seats}


def _texts(folder: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in folder.rglob("*") if path.is_file()}
