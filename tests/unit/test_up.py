"""What `up` makes of seats that fail, as far as no seat is needed to tell."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bancada import up
from bancada.ansible.playbook import Played
from bancada.cli.common import tell_failed
from bancada.errors import BancadaError, BenchError, Exit
from bancada.run import Completed


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


@pytest.mark.parametrize(("ran", "ready"), [([0, 1, 2, 3], True), ([0, 1, 2], False), ([], False)])
def test_a_seat_is_ready_only_by_all_tests_of_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ran: list[int], ready: bool
) -> None:
    """A pytest that ended well and ran only some of them (of two tests on two seats, these) shows nothing."""
    (tmp_path / "tests/states").mkdir(parents=True)
    (tmp_path / "tests/states/test_ready.py").write_text("def test_a(host): ...\n\n\ndef test_b(host): ...\n")
    every = [f"test_{name}[ssh://{seat}]" for seat in ("one", "two") for name in "ab"]
    said = "".join(f"PASSED tests/states/test_ready.py::{every[number]}\n" for number in ran)
    monkeypatch.setattr(up, "run", lambda argv, **options: Completed(tuple(argv), 0, said, ""))
    monkeypatch.setattr(up, "environment", lambda project, cls: {})
    state = SimpleNamespace(plain_ssh_config=lambda: "c", log="log")
    bench: Any = SimpleNamespace(
        project=SimpleNamespace(root=tmp_path), cls=SimpleNamespace(state=state), provider=SimpleNamespace(patience=1)
    )
    if ready:
        up.verify_ready(bench, ["one", "two"])
    else:
        with pytest.raises(BenchError, match="was not seen ready"):
            up.verify_ready(bench, ["one", "two"])
