"""What comes from outside, as it may be shown on a terminal: no character in it does anything."""

from __future__ import annotations

import re
import sys

# Controls of both sets (newline and tab apart), marks that turn the direction of writing, separators of lines, and
# halves of characters, which cannot be printed at all.
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(text: str) -> str:
    """The same text, what would act on a terminal written out: ESC as \\x1b."""
    return ACTING.sub(_written_out, text)


def one_line(text: str) -> str:
    """The same as one line: what a seat says can pretend to be no other line than its own."""
    return shown(text).replace("\n", "\\n").replace("\t", " ")


def counted(number: int, what: str) -> str:
    """As "1 seat", "2 seats"."""
    return f"{number} {what}{'s' * (number != 1)}"


def say(text: str, *, err: bool = False) -> None:
    """Print a line, whoever's words are in it. Every verb speaks through this, a table, or progress: never raw."""
    print(shown(text), file=sys.stderr if err else sys.stdout, flush=True)


def in_json(text: str) -> str:
    """The same JSON document, what would act on a terminal written as JSON writes it: it stands in strings only."""
    return ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _written_out(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
