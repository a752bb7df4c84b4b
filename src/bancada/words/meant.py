"""What was meant by a name that is not there, and the command that was typed, as it should have been."""

from __future__ import annotations

import difflib
import shlex
import sys
from collections.abc import Iterable

DESTRUCTIVE = ("down", "prove", "reset", "restore", "try")
"""Verbs that take work away, and so ask first."""


def meant(name: str, known: Iterable[str], alike: float = 0.6) -> str:
    """The one of these names that this is the end of, or else the most like it, from `alike` on; "" where none is."""
    known = list(known)
    ends = [one for one in known if one.endswith(f"/{name.rpartition('/')[2]}")]
    topic = name.rpartition("/")[0]
    beside = {one.removeprefix(f"{topic}/"): one for one in known if topic and one.startswith(f"{topic}/")}
    # In one topic only the rest tells exercises apart: with it, each would be like all others.
    likely = [beside[one] for one in difflib.get_close_matches(name.rpartition("/")[2], beside, n=1, cutoff=alike)]
    likely = likely or difflib.get_close_matches(name, {*known} - {*beside.values()}, n=1, cutoff=alike)
    return ends[0] if len(ends) == 1 else likely[0] if likely else ""


def typed_with(wrong: str, *right: str) -> str:
    """The command that was typed, with other words in the place of one of them. What takes work away asks anew: what
    was agreed to is not what we take it for."""
    words = [other for word in sys.argv[1:] for other in (right if word == wrong else (word,))]
    if next((word for word in words if not word.startswith("-")), "") in DESTRUCTIVE:
        words = [word for word in words if word != "--yes"]
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
