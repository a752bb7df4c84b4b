"""What checks measured, drawn: one page that needs nothing else, for each seat a row of small bar charts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bancada.course import Exercise
from bancada.course.models import Measures
from bancada.judge.verdict import ExerciseResult
from bancada.words.i18n import Language, T

TEMPLATE = "picture.html.j2"
WORDS = {
    "title": T("Class {name}", "Turma {name}", name="{name}"),
    "scale": T(
        "The bars of one quantity have the same scale on all seats.",
        "As barras de uma mesma grandeza têm a mesma escala em todas as bancadas.",
    ),
    "measured": T("measured {at}", "medido em {at}", at="{at}"),
    "passed": T("passed", "aprovado"),
    "failed": T("failed", "reprovado"),
    "error": T("error", "erro"),
}


@dataclass(frozen=True)
class Bar:
    label: str
    text: str
    """The number as it is written on it; "?" where it was not measured."""
    share: float
    """Of the longest bar of this quantity on any seat: 0 to 1."""


@dataclass(frozen=True)
class Chart:
    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Drawn:
    """One seat's charts."""

    seat: str
    verdict: str
    at: str
    charts: tuple[Chart, ...]


def page(class_name: str, found: Sequence[tuple[Exercise, Sequence[ExerciseResult]]], language: Language) -> str:
    """The whole HTML page: of each exercise, which `measures`, the results to draw."""
    template = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    ).get_template(TEMPLATE)
    words = {key: text.in_(language) for key, text in WORDS.items()}
    parts = [
        (
            exercise.file.title.in_(language),
            [_drawn(result, exercise.file.measures, results, language) for result in results],
        )
        for exercise, results in found
        if exercise.file.measures
    ]
    return template.render(
        language=language.value, title=words["title"].format(name=class_name), scale=words["scale"], parts=parts
    )


def _drawn(
    result: ExerciseResult, measures: Measures, all_results: Sequence[ExerciseResult], language: Language
) -> Drawn:
    charts = []
    for what, title in measures.what.items():
        longest = max((value for one in all_results for value in one.measured.get(what, {}).values()), default=0) or 1
        values = result.measured.get(what, {})
        bars = [
            Bar(label.in_(language), number(values.get(who), language), values.get(who, 0) / longest)
            for who, label in measures.of.items()
        ]
        charts.append(Chart(title.in_(language), tuple(bars)))
    at = datetime.fromisoformat(result.at).strftime("%Y-%m-%d %H:%M UTC")
    words = WORDS["measured"].in_(language).format(at=at)
    return Drawn(result.seat, WORDS[result.verdict.value].in_(language), words, tuple(charts))


def number(value: float | None, language: Language) -> str:
    """About three digits, and never fewer than the whole number has, as this language writes it."""
    if value is None:
        return "?"
    digits = 0 if value == int(value) else min(2, max(0, 2 - math.floor(math.log10(value))))
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if language is Language.PT_BR else text
