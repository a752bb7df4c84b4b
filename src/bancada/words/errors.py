"""The errors that Bancada tells a person: what happened, where, and the next command to type."""

from __future__ import annotations

import shlex
from enum import IntEnum

from bancada.words.shown import shown


class Exit(IntEnum):
    PASSED = 0
    NOT_PASSED = 1
    USAGE = 2
    BENCH = 3
    INTERRUPTED = 130


class BancadaError(Exception):
    """Something a person must know. `where` and `next` may be empty when there is nothing honest to say."""

    code = Exit.BENCH

    def __init__(self, what: str, *, where: str = "", next: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.next = next

    def __str__(self) -> str:
        """For a terminal: what a seat said acts on none."""
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.next:
            lines.append(f"  next:  {self.next}")
        return shown("\n".join(lines))


class Declined(BancadaError):
    """A person was asked whether to go on, and did not say yes."""

    code = Exit.INTERRUPTED

    def __init__(self) -> None:
        super().__init__("Nothing was done.")


class UsageError(BancadaError):
    """The words of the command, or a file that a person wrote, are wrong. Exit code 2."""

    code = Exit.USAGE


class BenchError(BancadaError):
    """A seat, its provider or this computer is broken; never the student's doing. Exit code 3."""


class Lost(BenchError):
    """Something that the class keeps, and that nobody can make anew."""


class Refused(BenchError):
    """We came as far as the seat, and are not let in, or not let do what we do there."""


class Late(BenchError):
    """A seat that lets us in was not done in time with what it was asked: it is busy, whosever doing that is."""


def to_read(path: object) -> str:
    """The command that shows a file, whatever its folders are called."""
    return f"less {shlex.quote(str(path))}"
