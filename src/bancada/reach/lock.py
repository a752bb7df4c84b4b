"""One lock per class: two verbs that change its seats never run at once."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bancada.words.errors import BenchError


class Busy(BenchError):
    """Another verb holds the lock."""


@contextmanager
def locked(path: Path, verb: str) -> Iterator[None]:
    """Hold the lock, or raise Busy that names the holder. The kernel frees it however the process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Busy(
                f"This class is busy: {_holder(file.read())}.",
                where=str(path),
                next="wait for it to end, then type the same command again",
            ) from None
        file.truncate(0)
        with contextlib.suppress(OSError):  # only to tell others: it is held on a full disk too
            file.write(json.dumps({"pid": os.getpid(), "verb": verb, "since": f"{datetime.now():%H:%M:%S}"}))
            file.flush()
        yield


def _holder(text: str) -> str:
    try:
        holder = json.loads(text)
        return f"`bancada {holder['verb']}` has been running since {holder['since']} (pid {holder['pid']})"
    except (ValueError, TypeError, LookupError):
        return "another command has just started"
