"""Three verdicts: what the tests of an exercise do decides which; a broken check is never the student's fault."""

from __future__ import annotations

import importlib.util
import math
import os
import py_compile
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest.assertion import rewrite

from bancada.catalog import load_catalog
from bancada.catalog.models import Need
from bancada.catalog.variant import Variant
from bancada.errors import BenchError, Late, UsageError
from bancada.evidence.seatside.base import Refusal
from bancada.evidence.seatside.namespaces import LATE, in_time
from bancada.judge.plugin import Busy
from bancada.judge.runner import _judge_seat, _unseen, bench_fault
from bancada.judge.store import Results
from bancada.judge.verdict import ExerciseResult, Verdict

HEAD = "from bancada.judge import T, expect\n\n\n"
GREEN = "def test_the_effect(seat):\n    expect(True, T('a', 'b'), T('c', 'd'))\n"
RED = "def test_the_effect(seat):\n    expect(False, T('a', 'b'), T('c', 'd'))\n"


def judged(exercises: Path, check: str, **said: Any) -> ExerciseResult:
    """The result of demo/first, its check replaced by this text, over evidence that says nothing but `said`."""
    found: list[ExerciseResult] = []
    judge(exercises, check, found.append, **said)
    (result,) = found
    return result


def judge(exercises: Path, check: str, keep: Callable[[ExerciseResult], None], **said: Any) -> None:
    (exercises / "demo/first/test_exercise.py").write_text(HEAD + check)
    exercise = next(iter(load_catalog(exercises).values()))
    bench: Any = SimpleNamespace(
        project=SimpleNamespace(exercises=exercises),
        cls=SimpleNamespace(state=SimpleNamespace(ssh_config="none")),
        variant=lambda exercise, seat: Variant(),
    )
    evidence: Any = SimpleNamespace(
        staged={"demo/first": {}},
        docker={},
        probes={} if "absent" in said else {"demo/first": said or {"error": "ValueError: no such file"}},
        seen_from=lambda folder, exercises: SimpleNamespace(),
    )
    _judge_seat(bench, "seat-01", evidence, [exercise], keep)


def test_all_effects_there_is_passed(exercises: Path) -> None:
    result = judged(exercises, GREEN)
    assert (result.verdict, result.state) == ("passed", "solved")


def test_an_effect_that_is_not_there_is_failed_with_both_texts_and_the_hints(exercises: Path) -> None:
    result = judged(exercises, RED)
    assert (result.verdict, result.state) == ("failed", "staged")
    (test,) = result.tests
    assert test.expected == {"en": "a", "pt-BR": "b"} and test.found == {"en": "c", "pt-BR": "d"}
    assert len(test.hints) == 2


def test_plain_assert_is_failed(exercises: Path) -> None:
    result = judged(exercises, "def test_the_effect(seat):\n    assert 1 == 2, 'numbers'\n")
    assert result.verdict is Verdict.FAILED and "numbers" in result.tests[0].found["en"]


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
    assert why in result.tests[0].found["en"]


@pytest.mark.parametrize("said", [{"error": "no answer in time", "late": True}, {"absent": True}])
def test_a_busy_seat_is_asked_again(exercises: Path, said: dict[str, Any]) -> None:
    late = judged(exercises, "def test_the_effect(probe):\n    pass\n", **said)
    assert late.verdict is Verdict.ERROR
    assert "busy" in late.tests[0].found["en"] and "ocupada" in late.tests[0].found["pt-BR"]


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


@pytest.mark.parametrize(
    ("name", "value"), [("PYTEST_ADDOPTS", "-k the_effect"), ("PYTEST_ADDOPTS", "-x"), ("PYTEST_PLUGINS", "not_there")]
)
def test_pytest_settings_of_the_person_do_not_count(
    exercises: Path, edit: Any, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    edit(*HINT_MORE)
    monkeypatch.setenv(name, value)
    result = judged(exercises, TWO)
    assert [(test.name, test.verdict.value) for test in result.tests] == [
        ("test_the_effect", "passed"),
        ("test_more", "failed"),
    ]
    assert os.environ[name] == value, "what is not ours stays as it was"


def test_a_conftest_beside_the_exercises_does_not_count(exercises: Path, edit: Any) -> None:
    edit(*HINT_MORE)
    hook = "def pytest_collection_modifyitems(items):\n    items[:] = [i for i in items if 'the_effect' in i.name]\n"
    (exercises / "conftest.py").write_text(hook)
    assert judged(exercises, TWO).verdict is Verdict.FAILED


def test_byte_code_beside_a_check_is_not_what_is_judged(
    exercises: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in no digest, and Python takes some whatever the source says."""
    # This test's own pytest imports what looks like a test in another way than Python does.
    monkeypatch.setattr(sys, "meta_path", [one for one in sys.meta_path if type(one).__module__ != rewrite.__name__])
    check, green = exercises / "demo/first/test_exercise.py", tmp_path / "green.py"
    green.write_text(HEAD + GREEN)
    always = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(green), importlib.util.cache_from_source(str(check)), doraise=True, invalidation_mode=always)
    assert judged(exercises, RED).verdict is Verdict.FAILED
    assert sys.pycache_prefix is None, "what is ours is still quick to load"


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
    assert any(why in test.found.get("en", "") for test in result.tests)


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
    result = judged(exercises, GREEN, answer=answer)
    assert result.verdict is Verdict.ERROR and not result.measured
    assert "measured" in result.tests[-1].found["en"]


def test_odd_characters_of_a_seat_cost_no_verdict(exercises: Path, tmp_path: Path) -> None:
    odd = "def test_the_effect(seat):\n    expect(False, T('a', 'b'), T('{x}', '{x}', x='\\ud800'))\n"
    result = judged(exercises, odd)
    assert result.verdict is Verdict.FAILED and result.tests[0].found["en"] == "\\ud800"
    with Results(tmp_path / "results.sqlite") as store:
        store.append(result)
        assert store.newest()["seat-01", "demo/first"] == result


def test_a_seats_words_are_kept_with_an_end(exercises: Path) -> None:
    """In a store where nothing is ever deleted."""
    long = "def test_the_effect(seat):\n    expect(False, T('a', 'b'), T('{x}', '{x}', x='x' * 10**6))\n"
    result = judged(exercises, long)
    assert result.verdict is Verdict.FAILED and len(result.model_dump_json()) < 20_000


def test_the_newest_verdict_is_the_last_one_though_the_clock_was_set_back(exercises: Path, tmp_path: Path) -> None:
    result = judged(exercises, "def test_the_effect(seat):\n    pass\n")
    with Results(tmp_path / "results.sqlite") as store:
        store.append(result)
        later = result.model_copy(update={"at": "2001-01-01T00:00:00.000+00:00", "verdict": Verdict.FAILED})
        store.append(later)
        assert store.newest()["seat-01", "demo/first"] == later


def test_a_verdict_that_cannot_be_kept_is_told_as_that(exercises: Path, tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    with Results(path, patience=0) as store, sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BenchError, match=r"The store of verdicts cannot be used: database is locked") as told:
            judge(exercises, GREEN, store.append)
    assert told.value.where == str(path) and told.value.next


def test_a_fault_of_our_own_while_deciding_is_raised(exercises: Path) -> None:
    def keep(result: ExerciseResult) -> None:
        raise ZeroDivisionError("ours")

    with pytest.raises(ZeroDivisionError, match="ours"):
        judge(exercises, GREEN, keep)


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
def test_dead_docker_is_the_benchs_fault(exercises: Path, socket: str, service: str, answers: str, told: str) -> None:
    exercise = next(iter(load_catalog(exercises).values()))
    needy = replace(exercise, file=exercise.file.model_copy(update={"needs": [Need.DOCKER]}))
    evidence: Any = SimpleNamespace(docker={"socket": socket, "service": service, "answers": answers})
    fault = bench_fault(evidence, needy)
    assert (fault is None) == (told == "")
    if fault:
        assert told in fault.found["en"] and service in fault.found["pt-BR"]
    assert bench_fault(evidence, exercise) is None


def test_a_busy_seat_is_told_in_the_classs_language() -> None:
    """In the very words that the program on the seat has for it."""
    with pytest.raises(Refusal) as refusal:
        in_time(LATE)
    found = _unseen(BenchError(f"seat-01 cannot tell its state: {refusal.value}")).found
    assert found == Busy.SAID.as_dict()
    assert _unseen(Late("seat-01 was asked in vain: no end within 300 s.")).found == Busy.SAID.as_dict()
    assert _unseen(BenchError("gone")).found == {"en": "gone", "pt-BR": "gone"}


def result(verdict: Verdict) -> ExerciseResult:
    return ExerciseResult.model_validate(
        {"seat": "s", "exercise": "a/b", "digest": "d", "at": "t", "state": "staged", "verdict": verdict, "tests": []}
    )


def test_verdicts_are_only_ever_appended(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    with Results(path) as store:
        store.append(result(Verdict.FAILED))
        store.append(result(Verdict.PASSED))
        assert store.newest()["s", "a/b"].verdict is Verdict.PASSED and store.count() == 2
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        for statement in ("DELETE FROM verdicts", "UPDATE verdicts SET verdict = 'passed'"):
            with pytest.raises(sqlite3.IntegrityError, match="only ever appended"):
                db.execute(statement)


def test_a_row_that_cannot_be_read_is_told_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "results.sqlite"
    with Results(path) as store:
        store.append(result(Verdict.FAILED))
        store.append(result(Verdict.PASSED).model_copy(update={"exercise": "a/c"}))
        with sqlite3.connect(path) as db:
            db.execute(
                "INSERT INTO verdicts (at, seat, exercise, verdict, result) SELECT at, seat, exercise, verdict, "
                """replace(result, '"measured":{}', '"measured":{"boot":{"vm":null}}') FROM verdicts WHERE id = 1"""
            )
        found = store.newest()
    assert set(found) == {("s", "a/b"), ("s", "a/c")}, "the verdict before the one that cannot be read counts"
    assert "verdict 3 (s, a/b)" in capsys.readouterr().err


@pytest.mark.parametrize("left", [0, 100])
def test_a_store_that_lost_its_verdicts_is_told(tmp_path: Path, left: int) -> None:
    path = tmp_path / "results.sqlite"
    with Results(path) as store:
        store.append(result(Verdict.FAILED))
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(BenchError, match="The store of verdicts cannot be used") as told:
        Results(path)
    assert told.value.next


def test_a_damaged_page_is_told(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    with Results(path) as store:
        for _ in range(50):
            store.append(result(Verdict.FAILED))
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(BenchError, match="The store of verdicts cannot be used"), Results(path) as store:
        store.newest()


def test_store_that_is_none_says_so(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    path.write_text("this is no database, it is a text that is long enough to be read as a header of one " * 20)
    with pytest.raises(BenchError, match="The store of verdicts cannot be used"):
        Results(path)


def test_interrupted_check_decides_nothing(exercises: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        judged(exercises, "def test_the_effect(seat):\n    raise KeyboardInterrupt\n")
