"""What Podman says of a container, and what that means for its seat."""

from __future__ import annotations

import pytest

from bancada.providers import MachineState
from bancada.providers.podman import _state

NEVER = -62135596800
"""The year 1, as Podman tells a moment that never was."""


@pytest.mark.parametrize(
    ("said", "started", "means"),
    [
        ("running", 1795643756, MachineState.RUNNING),
        ("paused", 1795643756, MachineState.PAUSED),
        ("exited", 1795643756, MachineState.STOPPED),
        ("created", 1795643756, MachineState.STOPPED),  # of every container, once the computer was rebooted
        ("created", NEVER, MachineState.HALF_MADE),
        ("initialized", NEVER, MachineState.HALF_MADE),
        ("removing", 1795643756, MachineState.HALF_MADE),
    ],
)
def test_only_what_never_started_is_half_made(said: str, started: int, means: MachineState) -> None:
    assert _state({"State": said, "StartedAt": started}) is means
