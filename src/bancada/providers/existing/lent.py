"""Machines that are lent to us: what we change there is noted on them, so that `down` can undo it and nothing else."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from select import select
from threading import Event, Thread
from typing import IO, TypeVar

from pydantic import BaseModel, ValidationError

from bancada.reach import ssh
from bancada.reach.environment import children
from bancada.reach.paths import ROOT, ClassState
from bancada.reach.run import Completed
from bancada.words.errors import BenchError
from bancada.words.shown import one_line

LENT = Path(__file__).parents[2] / "onseat" / "lending" / "lent.py"
LOADER = """import sys, types
look = types.ModuleType("bancada.onseat.lending.look")
sys.modules[look.__name__] = look
exec({look!r}, look.__dict__)
"""
# What the roles would do of themselves, and may not here: reboot, and renew the Docker that a person has.
DEFAULTS = {"kernel_may_reboot": False, "docker_hold": True}
BEAT_SECONDS = 10.0
LONGEST_ANSWER = 65_536
"""Bytes: a student is root on the machine that gives it."""
WAIT_SECONDS = 1000.0
"""How long a machine may be busy with what a killed `up` had begun there."""
# The program's length comes first, then the program, then what we say: `python3 -` would read on to the end.
START = "import sys; exec(sys.stdin.buffer.read(int(sys.stdin.buffer.readline())))  # bancada-lent"


def program() -> str:
    """What runs on the machine, as one text for the standard input of a Python that knows nothing of Bancada."""
    look = LENT.with_name("look.py").read_text(encoding="utf-8")
    return LOADER.format(look=look) + LENT.read_text(encoding="utf-8")


class Hold:
    """While this is there, what changes on the machine is ours. The machine notes it, and stops by itself when we are
    killed or gone: what its owner does afterwards is not taken for ours."""

    def __init__(self, state: ClassState, seat: str) -> None:
        self._seat = seat
        owner = ssh.ensure_key(state.admin_key, f"bancada {state.folder.name}")
        command = shlex.join(["sudo", "-n", "python3", "-c", START, "hold", owner])
        # A connection of its own, which nobody else ends; it lives as long as we do, so it is no command with an end.
        argv = ssh.argv(state, seat, command)
        argv[1:1] = ["-o", "ControlPath=none"]
        self._ssh = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            env=children(), cwd=ROOT,
        )  # fmt: skip
        self._done = Event()
        self._beats = Thread(target=self._beat, daemon=True)
        sent = program().encode()
        try:
            self._say(b"%d\n" % len(sent) + sent)
            self._answer()
        except BaseException:
            self.drop()
            raise
        self._beats.start()

    def close(self) -> None:
        """All is done: what has changed so far is ours. Raises BenchError where that was not noted."""
        self._done.set()
        self._beats.join()
        try:
            self._say(b"close\n")
            self._answer()
        finally:
            self.drop()

    def drop(self) -> None:
        """Say nothing more. The machine closes the note when nothing that we began there is at work."""
        self._done.set()
        with suppress(OSError):
            self._pipe(self._ssh.stdin).close()
        with suppress(subprocess.TimeoutExpired):
            self._ssh.wait(BEAT_SECONDS)
        self._ssh.kill()  # of our end only
        self._ssh.wait()

    def _beat(self) -> None:
        while not self._done.wait(BEAT_SECONDS):
            with suppress(OSError):  # told when it is closed
                self._say(b"\n")

    def _say(self, words: bytes) -> None:
        pipe = self._pipe(self._ssh.stdin)
        with suppress(BrokenPipeError):  # there is no answer then
            pipe.write(words)
            pipe.flush()

    def _answer(self) -> None:
        pipe, end, said = self._pipe(self._ssh.stdout).fileno(), time.monotonic() + WAIT_SECONDS, b""
        while not said.endswith(b"\n") and len(said) < LONGEST_ANSWER:
            waits = select([pipe], [], [], max(0.0, end - time.monotonic()))[0]
            if not waits or not (piece := os.read(pipe, 4096)):
                break
            said += piece
        lost = b'{"error": "the connection over which its changes are noted was lost"}'
        answer_of(self._seat, Completed((), 0, (said or lost).decode(errors="replace"), ""), Answer)

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None, "both were asked for"
        return pipe


class Answer(BaseModel):
    """What the program on a machine says when it is done, if it says no more."""


class Back(Answer):
    """What stays on a machine that was given back: paths, and names of packages."""

    left: list[str]
    kept: list[str]


class Ours(Answer):
    """What `back` would take away: how many packages and files of /etc, which accounts and folders."""

    packages: int
    files: int
    accounts: list[str]
    folders: list[str]


Shape = TypeVar("Shape", bound=Answer)


def answer_of(who: str, done: Completed, shape: type[Shape]) -> Shape:
    """What the program on the machine said. Raises BenchError with its refusal, or where it is no such answer."""
    try:
        answer = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError, RecursionError):
        answer = None
    if isinstance(answer, dict) and "error" in answer:
        raise BenchError(f"{who} is left as it is: {one_line(str(answer['error']))[:400]}")
    try:
        return shape.model_validate(answer)
    except ValidationError as error:
        raise BenchError(f"{who} is left as it is: {done.last_words[:400]}") from error
