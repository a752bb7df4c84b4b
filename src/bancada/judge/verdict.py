"""What a check says. This is also the document that `bancada check --json` prints, version 1 of its schema."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from bancada.words.document import Document
from bancada.words.i18n import Text

Said = Annotated[
    Text | None,
    BeforeValidator(lambda text: text or None),
    PlainSerializer(lambda text: text.as_dict() if text else {}, return_type=dict[str, str]),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]
"""A text, or none: {} in a document."""

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


class TestResult(Document):
    __test__ = False

    name: str
    verdict: Verdict
    expected: Said = Field(default=None, json_schema_extra={"default": {}})
    found: Said = Field(default=None, json_schema_extra={"default": {}})
    """What the kernel says instead; for an error, what broke."""
    hints: list[Text] = Field(default=[])


class Judged(Document):
    """What evidence says of one exercise."""

    state: State
    verdict: Verdict
    tests: list[TestResult]
    measured: Measured = Field(default={})
    """What the check measured. Of exercises with `measures` only."""


class ExerciseResult(Judged):
    seat: str
    exercise: str
    digest: str
    """Of the exercise's files: which version of it was judged."""
    at: str
    """When, UTC, ISO 8601."""


class CheckReport(Document):
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
