"""The one way to run an external command: an argv list, a time-out, output captured, the line logged."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bancada.errors import BenchError

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
        super().__init__(what, where=shlex.join(done.argv), next=f"less {_log}" if _log else "")
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
    return ["sudo", *argv]


def run(
    argv: Sequence[str],
    *,
    timeout: float = 60,
    check: bool = True,
    input: str | bytes | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    on_line: Callable[[str], None] | None = None,
) -> Completed:
    """Run a command to its end. `timeout` in seconds; `env` is added to the environment; `on_line` gets stdout live.

    Raises CommandFailed on a non-zero exit (unless `check` is off) or a time-out, BenchError when there is no such
    program.
    """
    started = datetime.now()
    try:
        done = _run(list(argv), timeout, input, env, cwd, on_line)
    except FileNotFoundError as error:
        if shutil.which(argv[0]) is not None:
            raise
        raise BenchError(f"There is no program {argv[0]!r} here.", next="./bancada doctor") from error
    except subprocess.TimeoutExpired as error:
        done = Completed(tuple(argv), 124, "", f"no end within {timeout:.0f} s")
        _write_log(started, done, env)
        raise CommandFailed(done, f"{_program(argv)} did not end within {timeout:.0f} s.") from error
    _write_log(started, done, env)
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
    input: str | bytes | None,
    env: Mapping[str, str] | None,
    cwd: Path | None,
    on_line: Callable[[str], None] | None,
) -> Completed:
    full_env = {**os.environ, **env} if env else None
    if on_line is None:
        given = input.encode() if isinstance(input, str) else input
        stdin = subprocess.DEVNULL if given is None else None
        done = subprocess.run(
            argv, input=given, stdin=stdin, capture_output=True, timeout=timeout, env=full_env, cwd=cwd
        )
        return Completed(
            tuple(argv), done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        )
    lines: list[str] = []
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=full_env,
        cwd=cwd, errors="replace",
    ) as process:  # fmt: skip
        assert process.stdout is not None
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            process.kill()

        timer = threading.Timer(timeout, expire)
        timer.start()
        try:
            for line in process.stdout:
                lines.append(line)
                on_line(line.rstrip("\n"))
            code = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            timer.cancel()
        if expired.is_set():
            raise subprocess.TimeoutExpired(argv, timeout)
    return Completed(tuple(argv), code, "".join(lines), "")


def _program(argv: Sequence[str]) -> str:
    """The name of what is really run: not of sudo or env before it."""
    return next(Path(word).name for word in argv if word not in ("sudo", "env") and "=" not in word)


def _write_log(started: datetime, done: Completed, env: Mapping[str, str] | None) -> None:
    if _log is None:
        return
    words = [f"{key}={shlex.quote(value)}" for key, value in (env or {}).items()] + [shlex.join(done.argv)]
    took = (datetime.now() - started).total_seconds()
    with _log.open("a", encoding="utf-8") as file:
        file.write(f"# {started:%Y-%m-%d %H:%M:%S}  exit {done.code}  {took:.2f} s\n{' '.join(words)}\n")
        if not done.ok:
            file.writelines(f"#   {line}\n" for line in (done.stderr or done.stdout).strip().splitlines()[-40:])
