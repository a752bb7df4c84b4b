"""Waiting for a seat that is still starting."""

from __future__ import annotations

from pathlib import Path

import pytest

from bancada import ssh
from bancada.errors import BenchError
from bancada.paths import ClassState
from bancada.run import CommandFailed, Completed


def answers(monkeypatch: pytest.MonkeyPatch, *codes: int) -> list[int]:
    """Let each login end with the next of these codes, the last one for ever; 124 is no end in time."""
    left = list(codes)

    def login(argv: list[str], **_: object) -> Completed:
        code = left.pop(0) if len(left) > 1 else left[0]
        done = Completed(tuple(argv), code, "", "no end within 15 s" if code == 124 else "")
        if code == 124:
            raise CommandFailed(done, "ssh did not end within 15 s.")
        return done

    monkeypatch.setattr(ssh, "run", login)
    return left


def test_login_that_does_not_end_in_time_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = answers(monkeypatch, 124, 255, 124, 0)
    ssh.wait_until_answering(ClassState(tmp_path), ["seat-01"], 60)
    assert left == [0]


def test_seat_that_never_answers_is_given_up_at_the_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, 124)
    with pytest.raises(BenchError, match="seat-01 did not answer over SSH within 0 s: no end within 15 s"):
        ssh.wait_until_answering(ClassState(tmp_path), ["seat-01"], 0)
