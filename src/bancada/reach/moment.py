"""A moment that a test makes certain, so that it need not hope to hit it with a sleep. For tests alone.

BANCADA_MOMENT has this process send itself a signal right before or after one of the commands that it runs:

    BANCADA_MOMENT="SIGKILL after 3"                 after its third command
    BANCADA_MOMENT="SIGSTOP before podman start"     before the first whose words, program first, hold these
"""

from __future__ import annotations

import itertools
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_wanted = os.environ.pop("BANCADA_MOMENT", "").split(maxsplit=2)  # ours alone: no child of ours is meant
_numbers = itertools.count(1)


@contextmanager
def moment(argv: Sequence[str]) -> Iterator[None]:
    """Around each command that is run; the second half only where it came to its end."""
    number = next(_numbers)
    _strike("before", number, argv)
    yield
    _strike("after", number, argv)


def _strike(side: str, number: int, argv: Sequence[str]) -> None:
    if not _wanted or _wanted[1] != side:
        return
    words = _wanted[2]
    if words != str(number) and (words.isdecimal() or words not in " ".join(argv)):
        return
    sent = signal.Signals[_wanted[0]]
    _wanted.clear()  # once
    if sent is signal.SIGSTOP:
        # To this very thread: another one might take it a moment later than this one goes on.
        signal.pthread_kill(threading.get_ident(), sent)
    else:
        os.kill(os.getpid(), sent)
