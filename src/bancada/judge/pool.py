"""As many judges as there are cores, started when they are wanted, kept until we end."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

from pydantic import ValidationError

from bancada.child import TICK, stop_if_wanted
from bancada.environment import children
from bancada.i18n import T
from bancada.judge.judge import Check
from bancada.judge.verdict import Judged
from bancada.judge.worker import CHECKS, LENGTH, LONGEST, SECONDS, error_of
from bancada.paths import ROOT

COMMAND = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); from bancada.judge.worker import main; main()"
PATIENCE = SECONDS + 60
"""Seconds for one answer of a judge. It ends what takes too long itself, so this is for one that cannot any more."""
DIED = T("the process that judges died", "o processo que julga morreu")


class _Gone(Exception):
    """It ended, hangs, or says what is no answer."""


class Judges:
    """Processes that judge. Threads may ask at once; who finds none idle waits."""

    def __init__(self, most: int | None = None) -> None:
        self._turn = threading.Semaphore(most or os.cpu_count() or 1)
        self._idle: SimpleQueue[_Judge] = SimpleQueue()
        self.open_because = ""
        """Why the judges are not shut in; empty where they are, or none has been asked yet."""

    def warm(self) -> None:
        """Start the first one, which takes as long as a seat to answer."""
        self._idle.put(self._one())

    def _one(self) -> _Judge:
        try:
            return self._idle.get_nowait()
        except Empty:
            return _Judge()

    def judge(self, document: bytes, work: Sequence[tuple[Check, Mapping[str, str | int]]]) -> list[Judged]:
        """The result of each check, in their order, with these values; whatever happens, as many as were asked for."""
        found: list[Judged] = []
        with self._turn:
            while len(found) < len(work):
                one = self._one()
                try:
                    for judged in one.judge(document, work[len(found) :]):
                        found.append(judged)
                except _Gone:
                    one.end()
                    found.append(error_of(DIED))  # of the one that it was at; the others have a judge of their own
                except BaseException:
                    one.end()
                    raise
                else:
                    self.open_because = one.open_because or ""
                    self._idle.put(one)
        return found

    def close(self) -> None:
        """End those that are idle. Who forgets it leaves nothing behind either: they end with us."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().end()


class _Judge:
    """One process, and what goes to and fro."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=children(), cwd="/", bufsize=0, start_new_session=True,
        )  # fmt: skip
        self.open_because: str | None = None

    def judge(self, document: bytes, work: Sequence[tuple[Check, Mapping[str, str | int]]]) -> Iterator[Judged]:
        """Raises _Gone where it can be asked no more."""
        if self.open_because is None:
            self.open_because = self._take().decode("utf-8", "replace")
        wanted = CHECKS.dump_json([(check, dict(variant)) for check, variant in work])
        self._put(LENGTH.pack(len(document)) + document + LENGTH.pack(len(wanted)) + wanted)
        for _ in work:
            try:
                yield Judged.model_validate_json(self._take())
            except ValidationError as error:
                raise _Gone from error

    def _put(self, said: bytes) -> None:
        assert self._process.stdin is not None
        left = memoryview(said)
        with suppress(BrokenPipeError):  # it is gone; that nothing comes back tells
            while left:
                left = left[self._process.stdin.write(left) :]

    def _take(self) -> bytes:
        end = time.monotonic() + PATIENCE
        (size,) = LENGTH.unpack(self._read(LENGTH.size, end))
        if size > LONGEST:
            raise _Gone
        return self._read(size, end)

    def _read(self, size: int, end: float) -> bytes:
        assert self._process.stdout is not None
        said = bytearray()
        while len(said) < size:
            stop_if_wanted()
            if time.monotonic() > end:
                raise _Gone
            if select.select([self._process.stdout], [], [], TICK)[0]:
                chunk = os.read(self._process.stdout.fileno(), size - len(said))
                if not chunk:
                    raise _Gone
                said += chunk
        return bytes(said)

    def end(self) -> None:
        """Its children are in its own pid namespace, and end with it."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()
