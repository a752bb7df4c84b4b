"""One thing that was looked at, how it is, and how to mend it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bancada.words.errors import BancadaError


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


def diagnosed(looks: Mapping[str, Callable[[], Diagnosis]]) -> list[Diagnosis]:
    """What each of these finds, by its subject; one that breaks is told as that, and keeps no other from its look."""
    return [_look(subject, look) for subject, look in looks.items()]


def _look(subject: str, look: Callable[[], Diagnosis]) -> Diagnosis:
    try:
        return replace(look(), subject=subject)
    except BancadaError as error:
        return Diagnosis(subject, Health.LACK, error.what, error.next or error.where)
    except OSError as error:
        mend = f"ls -ld {shlex.quote(str(error.filename))}"
        return Diagnosis(subject, Health.LACK, f"{error.strerror or error}: {error.filename}", mend)
