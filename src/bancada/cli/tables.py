"""Tables and check results as a person reads them on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bancada.judge.verdict import ExerciseResult, Verdict
from bancada.seats.again import Change
from bancada.words.i18n import Language
from bancada.words.shown import one_line, shown

WIDE = 200
"""Columns of a table that no terminal shows: a file or a pipe has no width."""
OUT = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.ERROR: "yellow"}
WORDS = {
    Language.EN: {
        "passed": "passed",
        "failed": "failed",
        "error": "error",
        "expected": "expected",
        "found": "the kernel says",
        "broken": "the bench",
        "hint": "hint",
        "seat": "seat",
        "exercise": "exercise",
        "was": "was",
        "now": "is",
        "failing": "does not pass",
        "sum": "{passed} passed, {failed} failed, {error} error",
    },
    Language.PT_BR: {
        "passed": "aprovado",
        "failed": "reprovado",
        "error": "erro",
        "expected": "esperado",
        "found": "o kernel diz",
        "broken": "a bancada",
        "hint": "dica",
        "seat": "bancada",
        "exercise": "exercício",
        "was": "era",
        "now": "é",
        "failing": "não passa em",
        "sum": "{passed} aprovado(s), {failed} reprovado(s), {error} erro(s)",
    },
}


def table(headings: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    """Colours come as Text only: what stands in a string is shown as it is."""
    drawn = Table(box=box.SIMPLE, pad_edge=False)
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        drawn.add_row(*(cell if isinstance(cell, Text) else Text(shown(cell)) for cell in row))
    OUT.print(drawn)


def results(found: Iterable[ExerciseResult], language: Language, *, all_tests: bool = False) -> None:
    """Per exercise the verdict; for each test that did not pass, or for all, what was expected, what is, and a hint."""
    words = WORDS[language]
    for result in found:
        colour = COLOURS[result.verdict]
        verdict = f"{words[result.verdict]:<9}", f"bold {colour}"
        OUT.print(Text.assemble(verdict, one_line(f" {result.seat}  {result.exercise}")))
        for test in result.tests:
            if test.verdict is Verdict.PASSED and not all_tests:
                continue
            mark = "✓" if test.verdict is Verdict.PASSED else "✗"
            OUT.print(Text.assemble("  ", (mark, COLOURS[test.verdict]), one_line(f" {test.name}")))
            if test.expected:
                _line(words["expected"], test.expected.in_(language))
            if test.found:
                _line(words["found" if test.verdict is Verdict.FAILED else "broken"], test.found.in_(language))
            for hint in test.hints[:1]:
                _line(words["hint"], hint.in_(language))


def changes(found: Sequence[Change], language: Language) -> None:
    """Of each verdict that is another one now: whose, what it was and is, and at which tests."""
    words = WORDS[language]
    if found:
        rows = [
            [one.now.seat, one.now.exercise, words[one.was.verdict], words[one.now.verdict],
             ", ".join(test.name for test in one.now.tests if test.verdict is not Verdict.PASSED)]
            for one in found
        ]  # fmt: skip
        table([words["seat"], words["exercise"], words["was"], words["now"], words["failing"]], rows)


def total(found: Sequence[ExerciseResult], language: Language) -> None:
    """How many passed, failed, could not be judged."""
    counts = {verdict.value: sum(result.verdict is verdict for result in found) for verdict in Verdict}
    OUT.print(WORDS[language]["sum"].format(**counts))


def _line(label: str, text: str) -> None:
    line = Text.assemble((f"{label}:", "dim"), f" {one_line(text)}")
    OUT.print(Padding(line, (0, 0, 0, 6)) if OUT.is_terminal else Text("      ") + line, soft_wrap=not OUT.is_terminal)
