"""What `up` makes of seats that fail, as far as no seat is needed to tell."""

from __future__ import annotations

import pytest

from bancada.ansible.playbook import Played
from bancada.cli.common import tell_failed
from bancada.errors import BancadaError, BenchError, Exit


def failure(host: str, message: str) -> dict[str, str]:
    return {"event": "failed", "host": host, "task": "t", "path": "p:1", "message": message, "detail": ""}


def test_each_seat_has_its_own_first_failure() -> None:
    played = Played(failures=[failure("one", "first"), failure("two", "other"), failure("one", "second")])
    assert {seat: error.what for seat, error in played.failed.items()} == {
        "one": "On one: first",
        "two": "On two: other",
    }


def test_failed_seats_are_resumed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    failed: dict[str, BancadaError] = {
        "two": BenchError("It broke.", where="there", next="less log"),
        "three": BenchError("It broke.", next="./bancada down three && ./bancada up three"),
    }
    assert tell_failed("up", failed) is Exit.BENCH
    said = capsys.readouterr().err
    assert "It broke.\n  where: there\n  next:  less log; then ./bancada up two\n" in said
    assert said.count("./bancada up three") == 1
    assert tell_failed("up", {}) is Exit.PASSED
