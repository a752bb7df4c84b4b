"""What `up` makes of seats that fail, as far as no seat is needed to tell."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bancada.cli.common import tell_failed
from bancada.reach.run import Completed
from bancada.seats import ready
from bancada.seats.ansible.playbook import Played
from bancada.words.errors import BancadaError, BenchError, Exit


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


READY_TESTS = {"test_usable.py": ["docker"], "test_ready.py": ["systemd", "home"]}


@pytest.mark.parametrize(
    ("failed", "ran", "new", "used"),
    [
        ({}, 3, "", ""),
        ({"home": "Docker starts at boot"}, 3, "Docker starts at boot", ""),
        ({"docker": "Docker cannot be used", "home": "it is degraded"}, 3, "cannot be used", "cannot be used"),
        ({}, 2, "test_home did not run", "test_home did not run"),
        ({}, 0, "test_docker did not run, nor did 2 more", "did not run"),
    ],
)
def test_what_a_student_changed_is_no_failure_and_what_did_not_run_shows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failed: dict[str, str], ran: int, new: str, used: str
) -> None:
    """Of a pytest that ran some of the tests on the first of two seats, and all of them, well, on the other."""
    folder = tmp_path / "states"
    folder.mkdir()
    monkeypatch.setattr(ready, "STATES", folder)
    for file, names in READY_TESTS.items():
        (folder / file).write_text("".join(f"def test_{name}(host): ...\n" for name in names))
    cases = [(file.removesuffix(".py"), name) for file, names in READY_TESTS.items() for name in names]

    def case(seat: str, file: str, name: str) -> str:
        why = failed.get(name) if seat == "one" else None
        inner = f'<failure message="AssertionError: {why}&#10;assert no">x</failure>' if why else ""
        return (
            f'<testcase classname="src.bancada.seats.states.{file}" name="test_{name}[ssh://{seat}]">{inner}</testcase>'
        )

    def run(argv: list[str], **options: object) -> Completed:
        (report,) = (word.removeprefix("--junit-xml=") for word in argv if word.startswith("--junit-xml="))
        told = [case("one", *one) for one in cases[:ran]] + [case("two", *one) for one in cases]
        Path(report).write_text(f"<testsuites><testsuite>{''.join(told)}</testsuite></testsuites>")
        return Completed(tuple(argv), 1, "", "")

    monkeypatch.setattr(ready, "run", run)
    monkeypatch.setattr(ready, "environment", lambda project, cls: {})
    bench: Any = SimpleNamespace(
        project=SimpleNamespace(root=tmp_path),
        cls=SimpleNamespace(state=SimpleNamespace(plain_ssh_config=lambda: "c")),
        provider=SimpleNamespace(patience=1),
    )
    looks = ready.look(bench, ["one", "two"])
    assert looks["two"].error("two", new=True, where="") is None
    for is_new, why in ((True, new), (False, used)):
        error = looks["one"].error("one", new=is_new, where="")
        assert (error is None) == (why == "") and why in str(error)
