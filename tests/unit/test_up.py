"""What `up` makes of seats that fail, as far as no seat is needed to tell."""

from __future__ import annotations

import pytest

from bancada.ansible.playbook import Played
from bancada.cli.seats import _tell_failed
from bancada.errors import BenchError, Exit
from bancada.up import Ready


def failure(host: str, message: str) -> dict[str, str]:
    return {"event": "failed", "host": host, "task": "t", "path": "p:1", "message": message, "detail": ""}


def test_each_seat_has_its_own_first_failure() -> None:
    played = Played(failures=[failure("one", "first"), failure("two", "other"), failure("one", "second")])
    assert {seat: error.what for seat, error in played.failed.items()} == {
        "one": "On one: first",
        "two": "On two: other",
    }


def test_failed_seats_are_resumed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    ready = [
        Ready("one", ("created",), 1.0),
        Ready("two", (), 1.0, error=BenchError("It broke.", where="there", next="less log")),
        Ready("three", (), 1.0, error=BenchError("It broke.", next="./bancada down three && ./bancada up three")),
    ]
    assert _tell_failed(ready) is Exit.BENCH
    said = capsys.readouterr().err
    assert "It broke.\n  where: there\n  next:  less log; then ./bancada up two\n" in said
    assert said.count("./bancada up three") == 1 and "up one" not in said
    assert _tell_failed(ready[:1]) is Exit.PASSED
