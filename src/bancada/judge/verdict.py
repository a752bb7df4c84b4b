"""What a check says. This is also the document that `bancada check --json` prints, version 1 of its schema."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

LONGEST = 4000
"""Characters of one text: a seat's words are in it, and a store where nothing is ever deleted."""


def _written(text: object) -> object:
    """The text with what UTF-8 cannot say written as an escape: a seat's words may hold any bytes, and any number."""
    if not isinstance(text, str):
        return text
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return cut.encode("utf-8", "backslashreplace").decode()


Bilingual = dict[str, Annotated[str, BeforeValidator(_written)]]
"""A text by language: en, pt-BR."""

Measured = dict[str, dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]]]
"""Numbers by quantity, then of whom."""


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    """Not done, or done wrongly."""
    ERROR = "error"
    """The bench is broken, not the student."""


class State(StrEnum):
    PRISTINE = "pristine"
    STAGED = "staged"
    SOLVED = "solved"


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class TestResult(_Document):
    __test__ = False

    name: str
    verdict: Verdict
    expected: Bilingual = {}
    found: Bilingual = {}
    """What the kernel says instead; for an error, what broke."""
    hints: list[Bilingual] = []


class Judged(_Document):
    """What evidence says of one exercise."""

    state: State
    verdict: Verdict
    tests: list[TestResult]
    measured: Measured = {}
    """What the check measured. Of exercises with `measures` only."""


class ExerciseResult(Judged):
    seat: str
    exercise: str
    digest: str
    """Of the exercise's files: which version of it was judged."""
    at: str
    """When, UTC, ISO 8601."""


class CheckReport(_Document):
    document: Literal["bancada.check/1"] = "bancada.check/1"
    """Name and version of this schema."""
    class_name: str = Field(alias="class")
    results: list[ExerciseResult]


def overall(tests: list[TestResult]) -> Verdict:
    """Error where the bench broke or nothing was tested at all; failed where one test failed; else passed."""
    verdicts = {test.verdict for test in tests}
    if Verdict.ERROR in verdicts or not verdicts:
        return Verdict.ERROR
    return Verdict.FAILED if Verdict.FAILED in verdicts else Verdict.PASSED
