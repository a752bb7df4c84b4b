"""What was meant by a name that is not there, and the command that was typed, as it should have been."""

from __future__ import annotations

import difflib
import shlex
import sys
from collections.abc import Iterable


def meant(name: str, known: Iterable[str], alike: float = 0.6) -> str:
    """The one of these names that this is the end of, or else the most like it, from `alike` on; "" where none is."""
    known = list(known)
    ends = [one for one in known if one.endswith(f"/{name.rpartition('/')[2]}")]
    likely = difflib.get_close_matches(name, known, n=1, cutoff=alike)
    return ends[0] if len(ends) == 1 else likely[0] if likely else ""


def typed_with(wrong: str, *right: str) -> str:
    """The command that was typed, with other words in the place of one of them."""
    words = [other for word in sys.argv[1:] for other in (right if word == wrong else (word,))]
    return f"./bancada {shlex.join(words)}"


def typed_also(verb: str, *more: str) -> str:
    """The command of this verb that was typed, with more words after the verb. Nothing that was typed is left out."""
    return f"./bancada {shlex.join([verb, *more, *_after(verb)])}"


def typed_for(verb: str, seat: str, seats: Iterable[str]) -> str:
    """The command of this verb that was typed for any of these seats, or all, for one of them."""
    others = {*seats, "--all", "--json"}
    return f"./bancada {shlex.join([verb, seat, *(word for word in _after(verb) if word not in others)])}"


def _after(verb: str) -> list[str]:
    words = sys.argv[1:]
    return words[words.index(verb) + 1 :] if verb in words else []
