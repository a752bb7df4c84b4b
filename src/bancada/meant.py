"""What was meant by a name that is not there, and the command that says so."""

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
