"""A seat with two staged exercises for tests to try things in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from artifacts import (
    Seats,
    keep,
    keeping,
    pytest_collection_finish,
    pytest_runtest_makereport,
    pytest_terminal_summary,
)
from on_seat import CLAIMS, ONE, TWO, Seat
from testinfra.host import Host

__all__ = ["pytest_collection_finish", "pytest_runtest_makereport", "pytest_terminal_summary"]


@pytest.fixture(scope="session", autouse=True)
def its_class() -> Iterator[Seats | None]:
    """The class of the seat; whoever made it takes it down."""
    config = os.environ.get("BANCADA_SSH_CONFIG")
    if not config:
        yield None
        return
    folder = Path(config).resolve().parent
    seats = Seats(folder.name, folder)
    yield seats
    if seats.failed and keeping():
        keep(seats)


@pytest.fixture
def seat(host: Host) -> Iterator[Seat]:
    """A seat with two staged exercises, which must be as it was before when they are reset."""
    seat = Seat(host)
    seat.sh("rm -rf /tmp/precious")
    for name in (ONE, TWO):
        seat.reset(name, *CLAIMS)
    before = seat.ask("snapshot", {})
    seat.stage(ONE)
    seat.stage(TWO)
    yield seat
    seat.sh("rm -rf /tmp/precious")
    for name in (ONE, TWO):
        seat.reset(name, *CLAIMS)
    assert seat.ask("snapshot", {}) == before
