"""Waiting for a seat that is still starting, and no longer than that is of use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bancada.providers import Machine, MachineState
from bancada.reach.paths import ClassState
from bancada.reach.run import CommandFailed, Completed
from bancada.seats import answering
from bancada.words.errors import BenchError

REFUSED = "ssh: connect to host 127.0.0.1 port 2222: Connection refused"


class Pretended:
    """A provider of one machine, and a clock on which each login takes a second."""

    patience = 1.0

    def __init__(self, *states: MachineState) -> None:
        self.states, self.reconnected, self.now = list(states) or [MachineState.RUNNING], 0, 0.0

    def machines(self) -> dict[str, Machine]:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {"seat-01": Machine("seat-01", "1", "container seat-01", state, "", None)}

    def last_words(self, machine: Machine) -> str:
        return "pam_loginuid failed" if machine.state is MachineState.RUNNING else "ended with 255"

    def reconnect(self, machine: Machine) -> None:
        self.reconnected += 1


def wait(monkeypatch: pytest.MonkeyPatch, provider: Pretended, *answers: tuple[int, str], deadline: float = 120) -> int:
    """Let each login end with the next of these codes and words, the last one for ever; 124 is no end in time."""
    left, logins = list(answers), 0

    def login(argv: list[str], **_: object) -> Completed:
        nonlocal logins
        logins += 1
        provider.now += 1
        code, said = left.pop(0) if len(left) > 1 else left[0]
        done = Completed(tuple(argv), code, "", said)
        if code == 124:
            raise CommandFailed(done, "ssh did not end within 15 s.")
        return done

    monkeypatch.setattr(answering, "run", login)
    monkeypatch.setattr("bancada.seats.answering.time.monotonic", lambda: provider.now)
    monkeypatch.setattr("bancada.seats.answering.time.sleep", lambda _: None)
    given: Any = provider
    answering.wait_until_answering(ClassState(Path("/nowhere")), given, ["seat-01"], deadline)
    return logins


def test_login_that_does_not_end_in_time_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wait(monkeypatch, Pretended(), (124, "no end within 15 s"), (255, REFUSED), (124, ""), (0, "")) == 4


def test_seat_that_never_answers_is_given_up_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Pretended()
    with pytest.raises(BenchError, match=r"did not answer over SSH within 30 s: .*Connection refused") as told:
        wait(monkeypatch, provider, (255, REFUSED), deadline=30)
    assert provider.now == 31
    assert "It says itself: pam_loginuid failed" in told.value.what
    assert told.value.next == "./bancada down --halt seat-01 && ./bancada up seat-01"


def test_a_way_that_is_broken_is_mended_once(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Pretended()
    assert wait(monkeypatch, provider, *[(255, REFUSED)] * 30, (0, "")) == 31
    assert provider.reconnected == 1


def test_a_seat_that_only_boots_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Pretended()
    wait(monkeypatch, provider, *[(255, REFUSED)] * 9, (0, ""))
    assert provider.reconnected == 0


def test_a_machine_that_stopped_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Pretended(MachineState.RUNNING, MachineState.STOPPED)
    with pytest.raises(BenchError, match=r"seat-01 stopped while it was waited for. It says itself: ended with 255"):
        wait(monkeypatch, provider, (255, REFUSED))
    assert provider.now < 10


@pytest.mark.parametrize("answer", [(254, ""), (255, "student@127.0.0.1: Permission denied (publickey).")])
def test_a_seat_that_turns_us_away_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, answer: tuple[int, str]) -> None:
    provider = Pretended()
    with pytest.raises(BenchError, match=r"seat-01 does not let us in: .*It says itself: pam_loginuid failed"):
        wait(monkeypatch, provider, (255, REFUSED), answer)
    assert 10 < provider.now < 15


def test_a_seat_that_turns_us_away_while_it_starts_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wait(monkeypatch, Pretended(), *[(254, "")] * 8, (0, "")) == 9


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Host key verification failed.", "shows another host key"),
        ("c: line 2: Bad configuration option: x\nc: terminating, 1 bad configuration options", "refuses the class's"),
    ],
)
def test_what_is_no_matter_of_time_is_told_at_once(monkeypatch: pytest.MonkeyPatch, said: str, told: str) -> None:
    provider = Pretended()
    with pytest.raises(BenchError, match=told):
        wait(monkeypatch, provider, (255, said))
    assert provider.now == 1
