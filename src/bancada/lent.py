"""Machines that are lent to us: what we change there is noted on them, so that `down` can undo it and nothing else."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from bancada import ssh
from bancada.errors import BenchError
from bancada.paths import ClassState
from bancada.run import Completed

LENT = Path(__file__).parent / "base" / "lent.py"
# What the roles would do of themselves, and may not here: reboot, and renew the Docker that a person has.
DEFAULTS = {"kernel_may_reboot": False, "docker_hold": True}


def note(state: ClassState, seat: str, verb: str) -> None:
    """`open`: what changes from now on is ours. `close`: that is all of it."""
    words = ["sudo", "-n", "python3", "-", verb]
    if verb == "open":
        words.append(ssh.ensure_key(state.admin_key, f"bancada {state.folder.name}"))
    done = ssh.remote(state, seat, shlex.join(words), input=LENT.read_text(encoding="utf-8"), timeout=120)
    answer_of(seat, done)


def answer_of(who: str, done: Completed) -> dict[str, Any]:
    """What the program on the machine said. Raises BenchError with its refusal."""
    try:
        answer = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise BenchError(f"{who} is left as it is: {done.last_words[:400]}")
    if "error" in answer:
        raise BenchError(f"{who} is left as it is: {answer['error']}")
    return answer
