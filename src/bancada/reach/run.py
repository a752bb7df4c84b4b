"""The one way to run an external command: an argv list, a time-out, output captured and bounded, the line logged."""

from __future__ import annotations

import contextlib
import os
import pwd
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bancada.reach.child import Expired, TooMuch, execute
from bancada.reach.environment import children
from bancada.reach.moment import moment
from bancada.reach.paths import ROOT
from bancada.words.errors import BenchError, to_read
from bancada.words.shown import shown

OUTPUT = 8 * 2**20
"""Bytes that a command may say. What a student's machine answers must not fill the instructor's memory."""

LONGEST_WORD = 2000
"""Letters of one word in the log."""
TICKET_SECONDS = 240
"""Between two words to sudo that we are still at work. It forgets a password after 15 minutes, where it is not told
otherwise: timestamp_timeout in sudoers(5)."""
LARGEST_LOG = 8 * 2**20
"""Bytes, after which the log is begun anew; the one before it is kept beside it."""
_log: Path | None = None


def log_to(path: Path) -> None:
    """From now on, append each command to this file, in a form that can be pasted into a shell."""
    global _log
    path.parent.mkdir(parents=True, exist_ok=True)
    _log = path


def log_path() -> Path | None:
    return _log


@dataclass(frozen=True)
class Completed:
    argv: tuple[str, ...]
    code: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        return self.code == 0

    @property
    def last_words(self) -> str:
        """The last line that says something: what programs end with is most often why they ended."""
        lines = [line.strip() for line in (self.stderr + "\n" + self.stdout).splitlines() if line.strip()]
        own = [line.strip() for line in self.stderr.splitlines() if line.strip()]
        return (own or lines or [f"exit code {self.code}"])[-1]


class CommandFailed(BenchError):
    def __init__(self, done: Completed, what: str) -> None:
        super().__init__(what, where=shlex.join(done.argv), next=to_read(_log) if _log else "")
        self.done = done


def as_root(argv: Sequence[str]) -> list[str]:
    """The command as root: itself where we are root, else through sudo, which may ask for a password."""
    if os.geteuid() == 0:
        return list(argv)
    if shutil.which("sudo") is None:
        user = pwd.getpwuid(os.getuid()).pw_name
        raise BenchError(
            "This needs root, and there is no sudo here.",
            where=shlex.join(argv),
            next=f"as root: apt-get install sudo && adduser {user} sudo; then log in anew",
        )
    _keep_ticket()
    return ["sudo", *argv]


def _keep_ticket() -> None:
    """See that sudo, which was told the password once, does not ask anew half-way through a verb: a bake takes longer
    than the quarter of an hour for which it remembers, and its question would stand in the line of what is at work."""

    def keep() -> None:
        while True:
            time.sleep(TICKET_SECONDS)
            # In our own session, where it was given; -v would want more: verifypw of sudoers(5).
            ticket = ["sudo", "-n", "true"]
            with contextlib.suppress(OSError):
                subprocess.run(ticket, env=children(), cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True)

    if _keeping.acquire(blocking=False):
        threading.Thread(target=keep, daemon=True).start()


_keeping = threading.Lock()
"""Held from the first command as root on: one thread is enough."""


def run(
    argv: Sequence[str],
    *,
    timeout: float = 60,
    check: bool = True,
    input: str | bytes | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    on_line: Callable[[str], None] | None = None,
    limit: int = OUTPUT,
) -> Completed:
    """Run a command to its end, in the project's folder or in `cwd`. `timeout` in seconds, `env` is added to
    `environment.children`, `on_line` gets stdout live; `limit` is how many bytes it may say. Whatever ends it early, it
    is gone afterwards with all that it started.

    Raises CommandFailed on a non-zero exit (unless `check` is off), a time-out or too much output, BenchError when
    there is no such program.
    """
    started = datetime.now()
    given = input.encode() if isinstance(input, str) else input or b""
    try:
        with moment(argv):
            done = _run(list(argv), timeout, given, env, cwd, on_line, limit)
    except FileNotFoundError as error:
        if shutil.which(argv[0]) is not None:
            raise
        raise BenchError(f"There is no program {argv[0]!r} here.", next="./bancada doctor") from error
    except (Expired, TooMuch) as error:
        if isinstance(error, Expired):
            why = f"no end within {timeout:.0f} s"
            what = f"did not end within {timeout:.0f} s"
        else:
            why = f"more than {limit >> 20} MiB of output"
            what = f"said {why} and was ended"
        done = Completed(tuple(argv), 124, "", why)
        _write_log(started, done, env, len(given))
        raise CommandFailed(done, f"{_program(argv)} {what}.") from error
    _write_log(started, done, env, len(given))
    if check and not done.ok:
        if argv[0] == "sudo" and done.last_words.startswith("sudo: "):
            raise BenchError(
                f"This needs root, and sudo does not let you: {done.last_words.removeprefix('sudo: ')}.",
                where=shlex.join(argv),
                next="sudo -v; then type the same command again",
            )
        raise CommandFailed(done, f"{_program(argv)} failed: {done.last_words}")
    return done


def _run(
    argv: list[str],
    timeout: float,
    input: bytes,
    env: Mapping[str, str] | None,
    cwd: Path | None,
    on_line: Callable[[str], None] | None,
    limit: int,
) -> Completed:
    # Never in the person's folder: programs take settings from where they are started.
    code, stdout, stderr = execute(
        argv, input=input, env=children(env), cwd=cwd or ROOT, timeout=timeout, limit=limit, on_line=on_line
    )
    return Completed(tuple(argv), code, stdout.decode(errors="replace"), stderr.decode(errors="replace"))


def _program(argv: Sequence[str]) -> str:
    """The name of what is really run: not of sudo or env before it."""
    return next(Path(word).name for word in argv if word not in ("sudo", "env") and "=" not in word)


def _write_log(started: datetime, done: Completed, env: Mapping[str, str] | None, given: int) -> None:
    """Append to the log what was run."""
    if _log is None:
        return
    words = [f"{key}={_word(value)}" for key, value in (env or {}).items()] + [_word(word) for word in done.argv]
    took = (datetime.now() - started).total_seconds()
    size = f"  {given} bytes of input" if given else ""
    text = f"# {started:%Y-%m-%d %H:%M:%S}  exit {done.code}  {took:.2f} s{size}\n{' '.join(words)}\n"
    if not done.ok:
        said = (done.stderr or done.stdout).strip().splitlines()[-40:]
        text += "".join(f"#   {shown(line[:LONGEST_WORD])}\n" for line in said)
    append(_log, text)


def append(log: Path, text: str) -> None:
    """Append to a log that is begun anew when it is large. What is told may be lacking afterwards, on a full disk:
    nobody's work hangs on it."""
    with contextlib.suppress(OSError):
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_name(f"{log.name}.1"))
        with log.open("a", encoding="utf-8") as file:
            file.write(text)


def _word(word: str) -> str:
    """As a shell takes it; of what is a program or a document of its own only the size."""
    return shlex.quote(word) if len(word) <= LONGEST_WORD else f"'<{len(word)} letters>'"
