"""One thing that was looked at, how it is, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    GOOD = "good"
    NOTE = "note"
    """Works, but know this."""
    LACK = "lack"
    """Something does not work; `mend` says how to get it."""


@dataclass(frozen=True)
class Diagnosis:
    subject: str
    health: Health
    says: str
    mend: str = ""
