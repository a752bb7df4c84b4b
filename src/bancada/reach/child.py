"""One child process: read with a bound, waited for with a deadline, and ended with all that it started, as root too."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO

# The command's standard input comes first, so many bytes of it; that ours is closed afterwards means: end. So it ends
# when we time out, are interrupted or are killed, and whoever it runs as: a child of sudo's is not ours to kill.
SUPERVISOR = """
size=$1; shift; exec 3<&0 </dev/null
watch() {
  exec >/dev/null 2>&1
  while read -r _; do :; done <&3
  kill -0 $$ || exit 0
  trap '' TERM
  kill -TERM 0
  for _ in 1 2 3 4 5; do sleep 1; kill -0 $$ || break; done
  kill -KILL 0
}
if [ "$size" = 0 ]; then
  (watch &)
  exec "$@" 3<&-
fi
{ exec 2>/dev/null; head -c "$size" <&3; exec >&-; (watch &); } | "$@" 3<&-
"""
GRACE = 7.0
"""Seconds that a child has from the wish that it ends to our no longer waiting. SIGKILL comes after 5 at most."""
TICK = 0.2
"""Seconds after which a thread, which gets no signals, looks whether the person wants to stop."""
CHUNK = 65_536

_stopping: set[threading.Thread] = set()


class Expired(Exception):
    """It did not end in time, and was ended."""


class TooMuch(Exception):
    """It said more than anybody wants to hold, and was ended."""


def interrupt(number: int, frame: FrameType | None) -> None:
    """For signal(7): stop what the main thread does now, and once what each other thread does or is about to do.

    What they do afterwards, to clean up, is done to its end.
    """
    _stopping.clear()
    _stopping.update(thread for thread in threading.enumerate() if thread is not threading.main_thread())
    raise KeyboardInterrupt


def stop_if_wanted() -> None:
    """Raise KeyboardInterrupt in a thread that is to stop: for who waits in one, every TICK."""
    if threading.current_thread() in _stopping:
        _stopping.discard(threading.current_thread())
        raise KeyboardInterrupt


def execute(
    argv: Sequence[str],
    *,
    input: bytes,
    env: Mapping[str, str] | None,
    cwd: Path | None,
    timeout: float,
    limit: int,
    on_line: Callable[[str], None] | None,
) -> tuple[int, bytes, bytes]:
    """Run a command to its end: its exit code, stdout and stderr (one stream, stdout, where `on_line` gets it live).

    Raises FileNotFoundError, Expired after `timeout` seconds, TooMuch after `limit` bytes.
    """
    path = (os.environ if env is None else env).get("PATH")
    if shutil.which(argv[0], path=path) is None:
        raise FileNotFoundError(2, "No such file or directory", argv[0])
    words, own = _supervised(list(argv), len(input))
    end = time.monotonic() + timeout  # before it begins, which may take a busy computer a while
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT if on_line else subprocess.PIPE,
        env=env, cwd=cwd, bufsize=0, start_new_session=own,
    )  # fmt: skip
    try:
        heard = _Heard(process, input, end, limit, on_line)
        code = heard.out()
    finally:
        _end(process, own)
    return code, bytes(heard.stdout), bytes(heard.stderr)


def _supervised(argv: list[str], size: int) -> tuple[list[str], bool]:
    """The command with its supervisor, and whether it runs as ourselves. sudo stays where it can ask for a password."""
    watched = ["sh", "-c", SUPERVISOR, "sh", str(size)]
    if argv[0] != "sudo":
        return [*watched, *argv], True
    first = next((n for n, word in enumerate(argv[1:], 1) if not word.startswith("-")), len(argv))
    if first == len(argv):
        return argv, False
    return [*argv[:first], "setsid", "--wait", *watched, *argv[first:]], False


class _Heard:
    """What a child says, as it says it."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        input: bytes,
        end: float,
        limit: int,
        on_line: Callable[[str], None] | None,
    ) -> None:
        self.process, self.input, self.end, self.limit, self.on_line = process, memoryview(input), end, limit, on_line
        self.stdout, self.stderr, self.line = bytearray(), bytearray(), bytearray()

    def out(self) -> int:
        """Hear it out; its exit code."""
        process = self.process
        with selectors.DefaultSelector() as selector:
            for stream, kept in ((process.stdout, self.stdout), (process.stderr, self.stderr)):
                if stream is not None:
                    selector.register(stream, selectors.EVENT_READ, kept)
            if self.input and process.stdin is not None:
                os.set_blocking(process.stdin.fileno(), False)
                selector.register(process.stdin, selectors.EVENT_WRITE)
            open_since = None
            while any(key.data is not None for key in selector.get_map().values()):
                self._look_up()
                ready = selector.select(TICK)
                for key, _ in ready:
                    self._serve(selector, key)
                if not ready and process.poll() is not None:  # what it left behind may hold its output for ever
                    open_since = open_since or time.monotonic()
                    if time.monotonic() - open_since > 1:
                        break
        while True:
            self._look_up()
            with suppress(subprocess.TimeoutExpired):
                return process.wait(TICK)

    def _look_up(self) -> None:
        stop_if_wanted()
        if time.monotonic() > self.end:
            raise Expired
        if len(self.stdout) + len(self.stderr) > self.limit:
            raise TooMuch

    def _serve(self, selector: selectors.DefaultSelector, key: selectors.SelectorKey) -> None:
        if key.data is None:
            try:
                self.input = self.input[os.write(key.fd, self.input[:CHUNK]) :]
            except BrokenPipeError:
                self.input = self.input[:0]
            if not self.input:
                selector.unregister(key.fileobj)
            return
        chunk = os.read(key.fd, CHUNK)
        key.data.extend(chunk)
        if not chunk:
            selector.unregister(key.fileobj)
        if self.on_line:
            self._tell(chunk)

    def _tell(self, chunk: bytes) -> None:
        assert self.on_line is not None
        self.line.extend(chunk)
        *whole, rest = bytes(self.line).split(b"\n") if b"\n" in chunk or not chunk else [bytes(self.line)]
        if not chunk:
            whole, rest = [rest] if rest else [], b""
        self.line = bytearray(rest)
        for line in whole:
            self.on_line(line.decode(errors="replace"))


def _end(process: subprocess.Popen[bytes], own: bool) -> None:
    """See the child gone, with its group where it has not ended by itself; and never wait for ever."""
    running = process.poll() is None
    _close(process.stdin)
    if running:
        try:
            if own:
                _kill(process, signal.SIGTERM)
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            if own:
                _kill(process, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)
    _close(process.stdout)
    _close(process.stderr)


def _kill(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        with suppress(OSError):
            stream.close()
