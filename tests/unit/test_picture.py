"""The report's page: numbers as the class writes them, bars on one scale, nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bancada.cli.picture import number, page
from bancada.course import Exercise, load_catalog
from bancada.judge.verdict import ExerciseResult, State, Verdict
from bancada.words.i18n import Language

Edit = Callable[[str, str, str], None]
MEASURES = """measures:
  of: {container: {en: container, pt-BR: contêiner}, vm: {en: machine, pt-BR: máquina}}
  what: {memory: {en: "Memory <MiB>", pt-BR: Memória}}
minutes: 15"""


@pytest.fixture
def exercise(exercises: Path, edit: Edit) -> Exercise:
    edit("exercise.yml", "minutes: 15", MEASURES)
    return load_catalog(exercises)["demo/first"]


def result(seat: str, **memory: float) -> ExerciseResult:
    return ExerciseResult(
        seat=seat, exercise="demo/first", digest="", at="2026-01-02T03:04:05.678+00:00", state=State.SOLVED,
        verdict=Verdict.PASSED, tests=[], measured={"memory": memory},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "english", "portuguese"),
    [(21, "21", "21"), (1234.5, "1234", "1234"), (15.46, "15.5", "15,5"), (0.4051, "0.41", "0,41"), (0, "0", "0")],
)
def test_number_has_about_three_digits_as_the_language_writes_it(value: float, english: str, portuguese: str) -> None:
    assert (number(value, Language.EN), number(value, Language.PT_BR)) == (english, portuguese)


def test_bars_of_one_quantity_have_one_scale_on_all_seats(exercise: Exercise) -> None:
    drawn = page(
        "c", [(exercise, [result("s1", container=10, vm=50), result("s2", container=25, vm=100)])], Language.EN
    )
    assert re.findall(r'height="([\d.]+)" rx', drawn) == ["11.0", "55.0", "27.5", "110.0"]


def test_what_was_not_measured_has_a_question_mark_and_no_bar(exercise: Exercise) -> None:
    drawn = page("c", [(exercise, [result("s1", container=10)])], Language.EN)
    assert ">?</text>" in drawn and 'height="0"' in drawn


@pytest.mark.parametrize(("language", "words"), [("en", "container"), ("pt-BR", "contêiner")])
def test_page_is_in_the_language_of_the_class_and_names_seat_and_time(
    exercise: Exercise, language: Any, words: str
) -> None:
    drawn = page("c", [(exercise, [result("s1", container=1, vm=2)])], Language(language))
    assert f">{words}</text>" in drawn and "s1" in drawn and "2026-01-02 03:04 UTC" in drawn


def test_page_needs_nothing_from_elsewhere_and_escapes_what_is_not_its_own(exercise: Exercise) -> None:
    drawn = page("<b>", [(exercise, [result("s1", vm=1)])], Language.EN)
    assert "http" not in drawn and "<b>" not in drawn and "Memory &lt;MiB&gt;" in drawn
