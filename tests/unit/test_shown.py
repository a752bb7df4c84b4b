"""What comes from outside acts on no terminal, is no markup, and one seat's odd answer is nobody else's trouble."""

from __future__ import annotations

import ast
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console
from rich.text import Text

from bancada.cli import seats, tables
from bancada.cli.common import print_json
from bancada.evidence import Evidence
from bancada.inventory import Class, Seat, SeatVariables
from bancada.judge.verdict import ExerciseResult, State, TestResult, Verdict
from bancada.providers.existing import provider as existing
from bancada.providers.existing.lent import Ours, answer_of
from bancada.reach import ssh
from bancada.reach.paths import ROOT, ClassState, Project
from bancada.reach.run import Completed
from bancada.seats.bench import Bench
from bancada.words import i18n
from bancada.words.errors import BenchError
from bancada.words.i18n import Language
from bancada.words.progress import Progress
from bancada.words.shown import ACTING, in_json, one_line, say, shown

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
    monkeypatch.setattr(tables, "OUT", console)
    return page


def test_tables_show_words_as_they_are(page: io.StringIO) -> None:
    tables.table(["", "what"], [[Text("✗", "red"), f"{EVIL} names must match [a-z]*"]])
    assert f"{OUT} names must match [a-z]*" in page.getvalue() and not ACTING.search(page.getvalue())


def test_findings_pretend_to_be_nothing_else(page: io.StringIO) -> None:
    pretended = f"process {EVIL}\npassed    seat-01  x/y"
    found = i18n.Text(pretended, pretended)
    test = TestResult(name="test_x", verdict=Verdict.FAILED, expected=found, found=found, hints=[found])
    result = ExerciseResult(
        seat="seat-01", exercise="x/y", digest="", at="", state=State.STAGED, verdict=Verdict.FAILED, tests=[test]
    )
    tables.results([result], Language.EN)
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
    "[]", "42", "null", "{}", '{"evidence": 3}', '{"error": "x"}', '{"error": {"message": 7}}', '{"error": []}',
    "[" * 1_000_000, '{"a":' * 200_000, "", "no JSON", '"\\ud800"', '{"x": "\\ud800"}',
    json.dumps({"evidence": 3, "staged": [], "probes": {}, "services": {}, "processes": []}),
    json.dumps({"evidence": 3, "staged": {"x": []}, "probes": {}, "services": {}, "processes": []}),
    json.dumps({"evidence": 3, "staged": {}, "probes": {"x": 1}, "services": {}, "processes": [PROCESS]}),
]  # fmt: skip


class Asked(Bench):
    """A bench without a class: what it is asked for is only an answer."""

    def __init__(self) -> None:
        anything: Any = SimpleNamespace(state=None, patience=1.0)
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


@pytest.mark.parametrize(
    "document",
    ["[]", "42", "null", "[" * 1_000_000, "", "oh\n", "{}", '{"packages": "many"}'],
    ids=lambda text: text[:9],
)
def test_an_odd_answer_of_a_lent_machine_is_its_trouble(document: str) -> None:
    with pytest.raises(BenchError, match="pc is left as it is: "):
        answer_of("pc", Completed((), 0, document, ""), Ours)


def _unless_fine(read: Any, sound: Evidence) -> Any:
    return lambda cls, data: sound if data == '{"fine": 1}' else read(data)


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


# Whatever is said goes through the same door


SILENT_TO_PEOPLE = ("onseat/", "seats/ansible/callback/")
"""What speaks to Bancada itself, in JSON."""
OF_DEVELOPERS = ("prove/testing.py",)
"""What hands on the words of tests, colours too."""


def test_nothing_but_say_prints() -> None:
    source = ROOT / "src" / "bancada"
    raw = []
    for file in sorted(source.rglob("*.py")):
        name = str(file.relative_to(source))
        if name == "words/shown.py" or name in OF_DEVELOPERS or name.startswith(SILENT_TO_PEOPLE):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "click.echo", "click.secho"):
                raw.append(f"{name}:{node.lineno}")
    assert not raw, "say these by bancada.words.shown.say"


@pytest.mark.parametrize("err", [False, True])
def test_what_is_said_acts_on_no_terminal(err: bool, capsys: pytest.CaptureFixture[str]) -> None:
    say(f"a {EVIL}\nb", err=err)
    told = capsys.readouterr()
    assert (told.err if err else told.out) == f"a {OUT}\nb\n"


def test_json_for_machines_is_the_same_and_acts_on_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"said": [EVIL, "á\n\t✓"]})
    said = capsys.readouterr().out
    assert json.loads(said) == {"said": [EVIL, "á\n\t✓"]}
    assert not ACTING.search(said) and "á" in said
    assert in_json('{"a": "\x9b\x7f"}') == r'{"a": "\u009b\u007f"}'


def test_a_traceback_acts_on_no_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def odd(**_: object) -> None:
        raise BenchError("It is odd.") from ValueError(EVIL)

    monkeypatch.setattr(sys, "argv", ["bancada", "--debug", "status"])
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    main = sys.modules["bancada.cli.main"]
    monkeypatch.setattr(main, "take_over", lambda: None)
    monkeypatch.setattr(main, "_listen", lambda: None)
    monkeypatch.setattr(main.cli, "main", odd)
    with pytest.raises(BenchError) as told:
        main.main()
    sys.excepthook(told.type, told.value, told.tb)
    said = capsys.readouterr().err
    assert f"ValueError: {OUT}\n" in said and not ACTING.search(said)


# A lent machine, asked what it gives back and then given back


FORGED = f"/etc/{EVIL}\nClass c. Given back: all."
ANSWERS = {
    "ours": {"packages": 5, "files": 2, "accounts": [FORGED], "folders": [FORGED]},
    "back": {"left": [FORGED, "/etc/\x1b[2J"], "kept": [FORGED]},
}


@pytest.fixture
def lent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A class of one lent machine, which answers as above."""

    def enter(access: Any, words: list[str], input: str, **_: object) -> Completed:
        return Completed((), 0, json.dumps(ANSWERS[words[2]]), "")

    monkeypatch.setattr("bancada.reach.run._log", None)
    monkeypatch.setattr(existing, "enter", enter)
    seat = Seat("pc-01", SeatVariables(), {}, {"ansible_host": "192.0.2.1", "ansible_user": "me"})  # type: ignore[call-arg]
    cls = Class("c", "course", Language.EN, (seat,), tmp_path, ClassState(tmp_path / "c"))
    bench = Bench(Project(ROOT, tmp_path), cls, Progress())
    provider = existing.Existing(cls)
    bench.__dict__["_chosen"] = (provider, "")
    provider._write(seat.name, existing.Adopted("1", "ssh-ed25519 AAAA", False))
    return bench


def test_what_a_lent_machine_gives_back_acts_on_no_terminal(lent: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "open_bench", lambda: lent)
    monkeypatch.setattr(seats, "see_to_consent", lambda *_: None)
    done = CliRunner().invoke(seats.down, ["pc-01"], input="y\n")
    assert done.exit_code == 0, done.output
    assert not ACTING.search(done.stdout) and not ACTING.search(done.stderr)
    assert "5 packages" in done.stderr and f"the account /etc/{OUT}" in done.stderr
    assert r"! pc-01: /etc/\x1b[2J was changed by somebody else" in done.stderr
    assert f"the package /etc/{OUT}" in done.stderr
    assert [line for line in done.output.splitlines() if line.startswith("Class c. Given back")] == [
        "Class c. Given back: pc-01."
    ]
