"""Three verdicts: what the tests of an exercise do decides which; a broken check is never the student's fault."""

from __future__ import annotations

import importlib.util
import math
import py_compile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bancada.course import load_catalog
from bancada.course.capabilities import capabilities
from bancada.evidence import Probed
from bancada.judge.judge import LATE, bench_fault, judge
from bancada.judge.verdict import Judged, Verdict
from bancada.onseat.seatside.base import Refusal
from bancada.onseat.seatside.namespaces import LATE as SEATS_OWN
from bancada.onseat.seatside.namespaces import in_time
from bancada.seats.checking import check_of, unseen
from bancada.words.errors import BenchError, Late, UsageError
from bancada.words.i18n import Text

HEAD = "from bancada.judge import T, expect\n\n\n"
GREEN = "def test_the_effect(seat):\n    expect(True, T('a', 'b'), T('c', 'd'))\n"
RED = "def test_the_effect(seat):\n    expect(False, T('a', 'b'), T('c', 'd'))\n"


def judged(exercises: Path, check: str, said: Probed | None = Probed(error="ValueError: no such file")) -> Judged:  # noqa: B008
    """What is said of demo/first, its check replaced by this text; of its probe the evidence has `said`."""
    (exercises / "demo/first/test_exercise.py").write_text(HEAD + check)
    exercise = next(iter(load_catalog(exercises).values()))
    evidence: Any = SimpleNamespace(
        staged={"demo/first": {}},
        docker={},
        has=frozenset(),
        probes={"demo/first": said} if said else {},
        seen_from=lambda folder, exercises: SimpleNamespace(),
    )
    return judge(evidence, check_of(exercise), {})


def test_all_effects_there_is_passed(exercises: Path) -> None:
    result = judged(exercises, GREEN)
    assert (result.verdict, result.state) == ("passed", "solved")


def test_an_effect_that_is_not_there_is_failed_with_both_texts_and_the_hints(exercises: Path) -> None:
    result = judged(exercises, RED)
    assert (result.verdict, result.state) == ("failed", "staged")
    (test,) = result.tests
    assert test.expected == Text("a", "b") and test.found == Text("c", "d")
    assert len(test.hints) == 2


def test_a_check_of_version_0_1_0_is_judged(exercises: Path) -> None:
    check = exercises / "demo/first/test_exercise.py"
    judged(exercises, RED)
    check.write_text(check.read_text().replace("bancada.judge", "bancada.checks"))
    evidence: Any = SimpleNamespace(staged={}, services={}, has=(), probes={}, seen_from=lambda folder, exercises: None)
    old = judge(evidence, check_of(load_catalog(exercises)["demo/first"]), {})
    assert old.verdict is Verdict.FAILED and old.tests[0].expected == Text("a", "b")


def test_plain_assert_is_failed(exercises: Path) -> None:
    result = judged(exercises, "def test_the_effect(seat):\n    assert 1 == 2, 'numbers'\n")
    assert result.verdict is Verdict.FAILED and "numbers" in str(result.tests[0].found)


@pytest.mark.parametrize(
    ("check", "why"),
    [
        ("def test_the_effect(seat):\n    seat.no_such_thing\n", "AttributeError"),
        ("def test_the_effect(no_such_fixture):\n    pass\n", "no_such_fixture"),
        ("def test_the_effect(probe):\n    pass\n", "probe.py: ValueError: no such file"),
        ("import pytest\n\n\ndef test_the_effect(seat):\n    pytest.skip('not today')\n", "not today"),
        ("import no_such_module\n\n\ndef test_the_effect(seat):\n    pass\n", "no_such_module"),
        ("import sys\n\n\ndef test_the_effect(seat):\n    sys.exit(0)\n", "SystemExit"),
    ],
)
def test_broken_check_is_an_error(exercises: Path, check: str, why: str) -> None:
    result = judged(exercises, check)
    assert result.verdict is Verdict.ERROR
    assert why in str(result.tests[0].found)


@pytest.mark.parametrize("said", [Probed(error="no answer in time", late=True), None])
def test_a_busy_seat_is_asked_again(exercises: Path, said: Probed | None) -> None:
    late = judged(exercises, "def test_the_effect(probe):\n    pass\n", said)
    assert late.verdict is Verdict.ERROR
    assert "busy" in str(late.tests[0].found) and "ocupada" in late.tests[0].model_dump()["found"]["pt-BR"]


def test_a_broken_check_says_in_which_line(exercises: Path) -> None:
    broke = judged(exercises, "def test_the_effect(seat):\n    found = []\n    found[0]\n")
    assert str(broke.tests[0].found).endswith("IndexError: list index out of range (test_exercise.py:6)")


def test_a_text_that_cannot_be_told_is_an_error_of_its_test_alone(exercises: Path, edit: Any) -> None:
    edit("exercise.yml", "hints:", "hints:\n  test_more: [{en: a, pt-BR: b}, {en: a, pt-BR: b}]")
    odd = """
class Odd:
    def __str__(self):
        raise LookupError("in its words")


def test_the_effect(seat):
    expect(False, T("{a}", "{a}", a=Odd()), T("a", "b"))


def test_more(seat):
    expect(True, T("{a}", "{a}", a=Odd()), T("a", "b"))
"""
    result = judged(exercises, f"from bancada.judge import T, expect\n\n{odd}")
    assert [test.verdict.value for test in result.tests] == ["error", "passed"]
    assert "in its words" in str(result.tests[0].found)


def test_a_check_is_run_as_its_own_file_says(exercises: Path) -> None:
    """And not with the __future__ of the one that runs it."""
    check = "def helper(a: int): ...\n\n\ndef test_the_effect(seat):\n    assert helper.__annotations__['a'] is int\n"
    assert judged(exercises, check).verdict is Verdict.PASSED


def test_one_error_outweighs_a_pass(exercises: Path, edit: Any) -> None:
    edit("exercise.yml", "hints:", "hints:\n  test_more: [{en: a, pt-BR: b}, {en: a, pt-BR: b}]")
    result = judged(exercises, GREEN + "\n\ndef test_more(seat):\n    1 / 0\n")
    assert result.verdict is Verdict.ERROR
    assert {test.name: test.verdict.value for test in result.tests} == {
        "test_the_effect": "passed",
        "test_more": "error",
    }


TWO = GREEN + "\n\ndef test_more(seat):\n    expect(False, T('a', 'b'), T('c', 'd'))\n"
HINT_MORE = ("exercise.yml", "hints:", "hints:\n  test_more: [{en: a, pt-BR: b}, {en: a, pt-BR: b}]")


def test_a_conftest_beside_the_exercises_does_not_count(exercises: Path, edit: Any) -> None:
    edit(*HINT_MORE)
    hook = "def pytest_collection_modifyitems(items):\n    items[:] = [i for i in items if 'the_effect' in i.name]\n"
    (exercises / "conftest.py").write_text(hook)
    assert judged(exercises, TWO).verdict is Verdict.FAILED


def test_byte_code_beside_a_check_is_not_what_is_judged(exercises: Path, tmp_path: Path) -> None:
    """It is in no digest, and Python takes some whatever the source says."""
    check, green = exercises / "demo/first/test_exercise.py", tmp_path / "green.py"
    green.write_text(HEAD + GREEN)
    always = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(green), importlib.util.cache_from_source(str(check)), doraise=True, invalidation_mode=always)
    assert judged(exercises, RED).verdict is Verdict.FAILED


def test_a_topic_that_is_a_package_is_refused(exercises: Path) -> None:
    """Its file would run before the check, and is in no digest."""
    (exercises / "demo" / "__init__.py").write_text("import bancada.judge\nbancada.judge.expect = print\n")
    with pytest.raises(UsageError, match="demo is a topic, and so no package") as error:
        judged(exercises, RED)
    assert error.value.next == f"rm {exercises}/demo/__init__.py"


@pytest.mark.parametrize(
    ("check", "why"),
    [
        ("\n\ndel globals()['test_more']\n", "it did not run: test_more"),
        ("\n\nglobals()['test_third'] = test_more\n", "it is not one of the exercise's: test_third"),
    ],
)
def test_a_verdict_needs_exactly_the_tests_of_the_exercise(exercises: Path, edit: Any, check: str, why: str) -> None:
    edit(*HINT_MORE)
    result = judged(exercises, TWO.replace("False", "True") + check)
    assert result.verdict is Verdict.ERROR
    assert any(why in str(test.found) for test in result.tests)


def test_a_second_test_of_the_same_name_is_a_fault_of_the_folder(exercises: Path) -> None:
    with pytest.raises(UsageError, match="test_the_effect is there twice"):
        judged(exercises, GREEN + "\n\n" + RED)


MEASURES = "measures:\n  of: {vm: {en: a, pt-BR: b}}\n  what: {boot: {en: a, pt-BR: b}}\nhints:"


@pytest.mark.parametrize(
    "answer",
    [
        *([1], "text", {"measured": "text"}),
        *({"measured": {"boot": {"vm": what}}} for what in ("text", math.nan, math.inf, -0.5)),
    ],
)
def test_what_was_measured_and_is_no_number_is_this_exercises_error(exercises: Path, edit: Any, answer: Any) -> None:
    edit("exercise.yml", "hints:", MEASURES)
    result = judged(exercises, GREEN, Probed(answer))
    assert result.verdict is Verdict.ERROR and not result.measured
    assert "measured" in str(result.tests[-1].found)


def test_a_seats_words_are_kept_with_an_end(exercises: Path) -> None:
    """In a store where nothing is ever deleted."""
    long = "def test_the_effect(seat):\n    expect(False, T('a', 'b'), T('{x}', '{x}', x='x' * 10**6))\n"
    result = judged(exercises, long)
    assert result.verdict is Verdict.FAILED and len(result.model_dump_json()) < 20_000


@pytest.mark.parametrize(
    ("socket", "service", "answers", "told"),
    [
        ("active", "inactive", "yes", ""),
        ("active", "active", "yes", ""),
        ("inactive", "active", "yes", ""),
        ("inactive", "inactive", "no", "is not usable"),
        ("active", "failed", "no", "is not usable"),
        ("failed", "failed", "yes", "is not usable"),
        ("active", "active", "no", "gave no answer in time"),
        ("active", "activating", "no", "gave no answer in time"),
    ],
)
def test_dead_docker_is_the_benchs_fault(socket: str, service: str, answers: str, told: str) -> None:
    evidence: Any = SimpleNamespace(services={"docker": {"socket": socket, "service": service, "answers": answers}})
    fault = bench_fault(evidence, [capabilities()["docker"]])
    assert (fault is None) == (told == "")
    if fault:
        assert told in str(fault.found) and service in fault.model_dump()["found"]["pt-BR"]
    assert bench_fault(evidence, []) is None


def test_a_busy_seat_is_told_in_the_classs_language() -> None:
    """In the very words that the program on the seat has for it."""
    with pytest.raises(Refusal) as refusal:
        in_time(SEATS_OWN)
    assert unseen(BenchError(f"seat-01 cannot tell its state: {refusal.value}")) == LATE
    assert unseen(Late("seat-01 was asked in vain: no end within 300 s.")) == LATE
    assert unseen(BenchError("gone {x}")).as_dict() == {"en": "gone {x}", "pt-BR": "gone {x}"}
