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

from bancada.judge.judge import Check
from bancada.judge.verdict import Judged
from bancada.judge.worker import CHECKS, LENGTH, LONGEST, SECONDS, framed
from bancada.reach.child import TICK, stop_if_wanted
from bancada.reach.environment import children
from bancada.reach.paths import ROOT
from bancada.reach.run import Completed
from bancada.words.errors import BenchError

COMMAND = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); from bancada.judge.worker import main; main()"
PATIENCE = SECONDS + 60
"""Seconds for one answer of a judge. It ends what takes too long itself, so this is for one that cannot any more."""

Work = Sequence[tuple[Check, Mapping[str, str | int]]]
"""What is to be judged: checks, each with the values of the student."""


class _Gone(Exception):
    """It ended, hangs, or says what is no answer."""


class Judges:
    """Processes that judge. Threads may ask at once; who finds none idle waits."""

    def __init__(self, most: int | None = None) -> None:
        self._turn = threading.Semaphore(most or os.cpu_count() or 1)
        self._idle: SimpleQueue[_Judge] = SimpleQueue()
        self._warmed = False
        self.open_because = ""
        """Why the judges are not shut in; empty where they are, or none has been asked yet."""

    def warm(self) -> None:
        """Start the first one, which takes as long as a seat to answer."""
        if not self._warmed:
            self._warmed = True
            self._idle.put(_Judge())

    def judge(self, document: bytes, work: Work) -> list[Judged | None]:
        """The result of each check, in their order; None for one at which the process itself died.

        Raises BenchError where none can be started.
        """
        found: list[Judged | None] = []
        with self._turn:
            while len(found) < len(work):
                try:
                    one = self._idle.get_nowait()
                except Empty:
                    one = _Judge()
                try:
                    self.open_because = one.greeting()
                    for judged in one.judge(document, work[len(found) :]):
                        found.append(judged)
                except _Gone:
                    one.end()
                    found.append(None)  # the others have a judge of their own
                except BaseException:
                    one.end()
                    raise
                else:
                    self._idle.put(one)
        return found

    def close(self) -> None:
        """End those that are idle. Who forgets it leaves nothing behind either: they end with us."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().end()


def why_open() -> str:
    """Why checks are not shut in on this computer; empty where they are. Raises BenchError where none can be judged."""
    one = _Judge()
    try:
        return one.greeting()
    finally:
        one.end()


class _Judge:
    """One process, and what goes to and fro."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=children(), cwd="/", bufsize=0, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdin is not None and self._process.stdout is not None
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        self._greeting: str | None = None

    def greeting(self) -> str:
        """Why it is not shut in; empty where it is. Raises BenchError where it did not even come to say that."""
        if self._greeting is None:
            try:
                self._greeting = self._take().decode("utf-8", "replace")
            except _Gone:
                raise _not_started() from None
        return self._greeting

    def judge(self, document: bytes, work: Work) -> Iterator[Judged]:
        """Raises _Gone where it can be asked no more."""
        wanted = CHECKS.dump_json([(check, dict(variant)) for check, variant in work])
        self._put(framed(document) + framed(wanted))
        for _ in work:
            try:
                yield Judged.model_validate_json(self._take())
            except ValidationError as error:
                raise _Gone from error

    def _put(self, said: bytes) -> None:
        left, end = memoryview(said), time.monotonic() + PATIENCE
        while left:
            _wait(self._to, select.POLLOUT, end)
            try:
                left = left[os.write(self._to, left) :]
            except BrokenPipeError as error:
                raise _Gone from error

    def _take(self) -> bytes:
        end = time.monotonic() + PATIENCE
        (size,) = LENGTH.unpack(self._read(LENGTH.size, end))
        if size > LONGEST:
            raise _Gone
        return self._read(size, end)

    def _read(self, size: int, end: float) -> bytes:
        said = bytearray()
        while len(said) < size:
            _wait(self._from, select.POLLIN, end)
            chunk = os.read(self._from, size - len(said))
            if not chunk:
                raise _Gone
            said += chunk
        return bytes(said)

    def end(self) -> None:
        """End it, and with it whoever it has started: each of them ends with its parent."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()


def _wait(pipe: int, what: int, end: float) -> None:
    """Until the pipe is ready for that, or closed at its other end. Raises _Gone after `end`, KeyboardInterrupt."""
    poll = select.poll()
    poll.register(pipe, what)
    while True:
        stop_if_wanted()
        if time.monotonic() > end:
            raise _Gone
        if poll.poll(TICK * 1000):
            return


def _not_started() -> BenchError:
    """What it says when it is started once more, with nobody to ask it anything."""
    argv = [sys.executable, "-I", "-c", COMMAND.removesuffix(" main()").rstrip("; ")]
    try:
        done = subprocess.run(argv, env=children(), cwd="/", capture_output=True, text=True, timeout=60, check=False)
        why = Completed(tuple(argv), done.returncode, done.stdout, done.stderr).last_words
    except (OSError, subprocess.TimeoutExpired) as error:
        why = str(error)
    return BenchError(
        f"The process that judges cannot be started: {why}", where=str(ROOT / "src"), next="./bancada doctor"
    )
