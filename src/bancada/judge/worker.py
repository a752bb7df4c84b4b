"""The process that judges: it is shut in, then takes evidence and checks and gives back results, until nobody asks.

Each check runs in a child of its own, so that none leaves anything to the next, and one that hangs or dies is an error
of that exercise alone. What goes in and out are frames: four bytes that say how many follow, big-endian.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, NoReturn

from pydantic import TypeAdapter

from bancada.evidence import Evidence
from bancada.judge.judge import Check, broken, judge
from bancada.judge.shut_in import Refused, die_with_parent, shut_in
from bancada.judge.verdict import Judged, State, Verdict
from bancada.words.i18n import T, Text

CPU_SECONDS = 20
"""That one check may compute. Those that there are take milliseconds."""
SECONDS = 60.0
"""That one check may take: longer than it may compute, for one that waits."""
LONGEST = 4 * 2**20
"""Bytes of one result."""
CHECKS: TypeAdapter[list[tuple[Check, dict[str, str | int]]]] = TypeAdapter(list[tuple[Check, dict[str, str | int]]])
LENGTH = struct.Struct(">I")


def main() -> None:
    """Answer until standard input ends. The first frame says whether we are shut in: empty, or why not."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks us decides when we stop
    given, answer = sys.stdin.buffer, sys.stdout.buffer
    os.dup2(os.open(os.devnull, os.O_RDWR), 2)
    try:
        shut_in()
        free = ""
    except (Refused, OSError) as error:
        free = str(error)
    gc.freeze()  # children share what is loaded
    put(answer, free.encode())
    while (document := take(given)) is not None and (wanted := take(given)) is not None:
        _judge_all(document, wanted, answer)


def framed(frame: bytes) -> bytes:
    return LENGTH.pack(len(frame)) + frame


def put(stream: IO[bytes], frame: bytes) -> None:
    stream.write(framed(frame))
    stream.flush()


def take(stream: IO[bytes]) -> bytes | None:
    """One frame; None where there is no more."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    frame = stream.read(size)
    return frame if len(frame) == size else None


def _judge_all(document: bytes, wanted: bytes, answer: IO[bytes]) -> None:
    """One frame for each check, in their order."""
    checks = CHECKS.validate_json(wanted)
    try:
        evidence = Evidence.from_json(document)
    except (ValueError, MemoryError) as error:
        why = T("the evidence cannot be read: {why}", "a evidência não pôde ser lida: {why}", why=error)
        for _ in checks:
            put(answer, undecided(why).model_dump_json().encode())
        return
    for check, variant in checks:
        put(answer, _in_a_child(evidence, check, variant))


def _in_a_child(evidence: Evidence, check: Check, variant: Mapping[str, str | int]) -> bytes:
    """The result as JSON, or an error that says how the child ended instead."""
    here, there = os.pipe()
    child = os.fork()
    if not child:
        os.close(here)
        _child(there, evidence, check, variant)
    os.close(there)
    said, ended = _hear(here)
    os.close(here)
    code = _end(child, ended)
    if code == 0 and ended and said:
        return bytes(said)
    if not ended or code in (-signal.SIGXCPU, -signal.SIGKILL):
        why = T("the check came to no end", "a verificação não chegou ao fim")
    else:
        why = T("the check died: {how}", "a verificação morreu: {how}", how=_how(code))
    return undecided(why, check.exercise in evidence.staged).model_dump_json().encode()


def _child(there: int, evidence: Evidence, check: Check, variant: Mapping[str, str | int]) -> NoReturn:
    """Judge, say it, end."""
    code = 1
    try:
        os.setsid()
        die_with_parent()
        os.close(0)
        os.dup2(2, 1)  # what a check prints is no answer
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
        us = os.getpid()
        said = judge(evidence, check, variant).model_dump_json().encode()
        if os.getpid() == us:  # else the check has forked, and this is what it started
            with os.fdopen(there, "wb") as answer:
                answer.write(said)
        code = 0
    finally:
        os._exit(code)


def _end(child: int, ended: bool) -> int:
    """How the child ended; it is made to where it did not, and with it all that it started."""
    if not ended:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if os.getpid() == 1:  # of our pid namespace: whoever is in it is the check's
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
    return os.waitstatus_to_exitcode(status)


def _hear(here: int) -> tuple[bytearray, bool]:
    """What a child says, and whether it came to an end in time and with no more than it may say."""
    said, end = bytearray(), time.monotonic() + SECONDS
    poll = select.poll()
    poll.register(here, select.POLLIN)
    poll.register(0, 0)  # that nobody asks any more is told unasked: poll(2)
    while len(said) <= LONGEST:
        ready = dict(poll.poll(max(0.0, end - time.monotonic()) * 1000))
        if here not in ready:
            return said, False
        chunk = os.read(here, 65_536)
        if not chunk:
            return said, True
        said += chunk
    return said, False


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def undecided(why: Text, staged: bool = False) -> Judged:
    """No verdict, and why."""
    return Judged(state=State.STAGED if staged else State.PRISTINE, verdict=Verdict.ERROR, tests=[broken(why)])
