"""What comes from outside acts on no terminal, is no markup, and one seat's odd answer is nobody else's trouble."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from bancada import report, ssh
from bancada.bench import Bench
from bancada.checks.verdict import ExerciseResult, State, TestResult, Verdict
from bancada.errors import BenchError
from bancada.evidence import Evidence
from bancada.i18n import Language
from bancada.lent import answer_of
from bancada.progress import Progress
from bancada.run import Completed
from bancada.shown import ACTING, one_line, shown

EVIL = "\x1b]0;PWN\x07\x1b[2Jev\x9b31m\u202e\u2066\r\b\ud800\x7f [/bold] [red]:smile:"
OUT = r"\x1b]0;PWN\x07\x1b[2Jev\x9b31m\u202e\u2066\x0d\x08\ud800\x7f [/bold] [red]:smile:"


def test_all_that_acts_is_written_out() -> None:
    assert shown(EVIL) == OUT
    assert one_line("a\nb") == "a\\nb"
    assert shown("Área de Trabalho\n\t“ok” ✓ 日本") == "Área de Trabalho\n\t“ok” ✓ 日本"


def test_errors_act_on_no_terminal() -> None:
    said = str(BenchError(EVIL, where=EVIL, next=EVIL))
    assert said == f"{OUT}\n  where: {OUT}\n  next:  {OUT}"


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    page = io.StringIO()
    console = Console(file=page, highlight=False, width=200, force_terminal=True, color_system=None)
    monkeypatch.setattr(report, "OUT", console)
    return page


def test_tables_show_words_as_they_are(page: io.StringIO) -> None:
    report.table(["", "what"], [[Text("✗", "red"), f"{EVIL} names must match [a-z]*"]])
    assert f"{OUT} names must match [a-z]*" in page.getvalue() and not ACTING.search(page.getvalue())


def test_findings_pretend_to_be_nothing_else(page: io.StringIO) -> None:
    found = {language.value: f"process {EVIL}\npassed    seat-01  x/y" for language in Language}
    test = TestResult(name="test_x", verdict=Verdict.FAILED, expected=found, found=found, hints=[found])
    result = ExerciseResult(
        seat="seat-01", exercise="x/y", digest="", at="", state=State.STAGED, verdict=Verdict.FAILED, tests=[test]
    )
    report.results([result], Language.EN)
    said = page.getvalue()
    assert not ACTING.search(said) and "PWN" in said
    assert not any(line.lstrip().startswith("passed") for line in said.splitlines())


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_shows_words_as_they_are(terminal: bool, capsys: pytest.CaptureFixture[str]) -> None:
    page = io.StringIO()
    progress = Progress(console=Console(file=page, force_terminal=terminal, color_system=None, width=200))
    with progress.step(f"one {EVIL}\nx") as step:
        step.say(EVIL)
    progress.note(EVIL)
    said = page.getvalue() + capsys.readouterr().err
    assert f"✓ one {OUT}\\nx" in said
    assert "\x1b]0" not in said and "\x1b[2J" not in said and "\u202e" not in said


PROCESS = {"pid": 1}
ODD: list[str] = [
    "[]", "42", "null", "{}", '{"evidence": 2}', '{"error": "x"}', '{"error": {"message": 7}}', '{"error": []}',
    "[" * 1_000_000, '{"a":' * 200_000, "", "no JSON", '"\\ud800"', '{"x": "\\ud800"}',
    json.dumps({"evidence": 2, "staged": [], "probes": {}, "docker": {}, "processes": []}),
    json.dumps({"evidence": 2, "staged": {"x": []}, "probes": {}, "docker": {}, "processes": []}),
    json.dumps({"evidence": 2, "staged": {}, "probes": {"x": 1}, "docker": {}, "processes": [PROCESS]}),
]  # fmt: skip


class Asked(Bench):
    """A bench without a class: what it is asked for is only an answer."""

    def __init__(self) -> None:
        class Anything:
            state = None
            patience = 1.0

        anything: Any = Anything()
        self.cls = anything
        self.__dict__["_chosen"] = (anything, "")


@pytest.mark.parametrize("document", ODD, ids=lambda text: text[:40])
def test_an_odd_answer_is_that_seats_trouble(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(state: Any, alias: str, command: str, **_: object) -> Completed:
        return Completed((), 0, document if alias == "odd" else '{"fine": 1}', "")

    monkeypatch.setattr(ssh, "remote", answer)
    sound = Evidence.__new__(Evidence)
    monkeypatch.setattr(Evidence, "from_json", classmethod(_unless_fine(Evidence.from_json, sound)))
    found = Asked().evidence_of_all([_seat("odd"), _seat("sound")], ())
    assert found["sound"] is sound
    error = found["odd"]
    assert isinstance(error, BenchError) and error.what.startswith("odd cannot tell its state: ")
    assert len(error.what) < 600


@pytest.mark.parametrize("document", ["[]", "42", "null", "[" * 1_000_000, "", "oh\n"], ids=lambda text: text[:9])
def test_an_odd_answer_of_a_lent_machine_is_its_trouble(document: str) -> None:
    with pytest.raises(BenchError, match="pc is left as it is: "):
        answer_of("pc", Completed((), 0, document, ""))


def _unless_fine(read: Any, sound: Evidence) -> Any:
    return lambda cls, data: sound if data == {"fine": 1} else read(data)


def _seat(name: str) -> Any:
    class Seat:
        pass

    seat: Any = Seat()
    seat.name = name
    return seat


def test_what_a_seat_is_asked_goes_by_standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: dict[str, Any] = {}

    def answer(state: Any, alias: str, command: str, *, input: str, limit: int, **_: object) -> Completed:
        asked.update(command=command, input=input, limit=limit)
        return Completed((), 0, "{}", "")

    monkeypatch.setattr(ssh, "remote", answer)
    argument = {"probes": "x" * 200_000, "it's": "é\n"}
    Asked().seatside("seat-01", "collect", argument)
    assert asked["command"] == "sudo -n python3 -" and asked["limit"] == 16 * 2**20
    first, _, rest = asked["input"].partition("\n")
    scope: dict[str, Any] = {}
    exec(first, scope)
    assert scope["ARGV"][0] == "collect" and json.loads(scope["ARGV"][1]) == argument
    assert rest.startswith("SOURCES = ")
