"""A seat with two staged exercises for tests to try things in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from on_seat import CLAIMS, ONE, TWO, Seat
from testinfra.host import Host


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
