"""Three verdicts: what the tests of an exercise do decides which; a broken check is never the student's fault."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bancada.catalog import load_catalog
from bancada.catalog.models import Need
from bancada.catalog.variant import Variant
from bancada.checks.runner import _judge_seat, bench_fault
from bancada.checks.verdict import ExerciseResult, Verdict
from bancada.errors import BenchError
from bancada.results import Results

HEAD = "from bancada.checks import T, expect\n\n\n"
GREEN = "def test_the_effect(seat):\n    expect(True, T('a', 'b'), T('c', 'd'))\n"
RED = "def test_the_effect(seat):\n    expect(False, T('a', 'b'), T('c', 'd'))\n"


def judged(exercises: Path, check: str) -> ExerciseResult:
    """The result of demo/first, its check replaced by this text, over evidence that says nothing."""
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
        probes={"demo/first": {"error": "ValueError: no such file"}},
        seen_from=lambda folder, exercises: SimpleNamespace(),
    )
    found: list[ExerciseResult] = []
    _judge_seat(bench, "seat-01", evidence, [exercise], found.append)
    (result,) = found
    return result


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


def test_one_error_outweighs_a_pass(exercises: Path, edit: Any) -> None:
    edit("exercise.yml", "hints:", "hints:\n  test_more: [{en: a, pt-BR: b}, {en: a, pt-BR: b}]")
    result = judged(exercises, GREEN + "\n\ndef test_more(seat):\n    1 / 0\n")
    assert result.verdict is Verdict.ERROR
    assert {test.name: test.verdict.value for test in result.tests} == {
        "test_the_effect": "passed",
        "test_more": "error",
    }


@pytest.mark.parametrize(
    ("socket", "service", "usable"),
    [
        ("active", "inactive", True),
        ("active", "active", True),
        ("inactive", "active", True),
        ("inactive", "inactive", False),
        ("active", "failed", False),
        ("failed", "failed", False),
    ],
)
def test_dead_docker_is_the_benchs_fault(exercises: Path, socket: str, service: str, usable: bool) -> None:
    exercise = next(iter(load_catalog(exercises).values()))
    needy = replace(exercise, file=exercise.file.model_copy(update={"needs": [Need.DOCKER]}))
    evidence: Any = SimpleNamespace(docker={"socket": socket, "service": service})
    fault = bench_fault(evidence, needy)
    assert (fault is None) == usable
    assert bench_fault(evidence, exercise) is None


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


def test_store_that_is_none_says_so(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    path.write_text("this is no database, it is a text that is long enough to be read as a header of one " * 20)
    with pytest.raises(BenchError, match="The store of verdicts cannot be used"):
        Results(path)


def test_interrupted_check_decides_nothing(exercises: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        judged(exercises, "def test_the_effect(seat):\n    raise KeyboardInterrupt\n")
