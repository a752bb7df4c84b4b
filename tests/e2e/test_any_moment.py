"""Each verb is killed before and after each of its commands, all of them; typed again it ends well, and nothing that a
person did is lost."""

from __future__ import annotations

import itertools
import json
import signal
from collections.abc import Sequence

import pytest
from conftest import Bancada

pytestmark = pytest.mark.whole

MINE, OTHER = "namespaces/uts", "chroot/minimal-root"
"""What the verbs are about, and what a student has solved beside it."""
UP = ["up", "seat-01"]
VERBS: dict[str, tuple[Sequence[str], Sequence[Sequence[str]], str | None, bool]] = {
    # the verb; what brings about that it has something to do; the verdict on MINE afterwards, where it is up; whether
    # the student's work outlives it
    "up, of nothing": (UP, [["down", "seat-01", "--yes"]], "failed", False),
    "up, of a halted seat": (UP, [["down", "--halt", "seat-01"]], "failed", True),
    "down --halt": (["down", "--halt", "seat-01"], [UP], None, True),
    "down": (["down", "seat-01", "--yes"], [UP], None, False),
    "restore": (["restore", "seat-01", "--yes"], [], "failed", False),
    "reset": (["reset", "seat-01", "-e", MINE, "--yes"], [["stage", "seat-01", "-e", MINE]], "failed", True),
    "stage": (["stage", "seat-01", "-e", MINE], [["reset", "seat-01", "-e", MINE, "--yes"]], "failed", True),
    "solve": (["solve", "seat-01", "-e", MINE], [["stage", "seat-01", "-e", MINE]], "passed", True),
    "check": (["check", "seat-01", "-e", MINE], [], "failed", True),
}


def verdict(bancada: Bancada, exercise: str) -> str:
    (result,) = json.loads(bancada("check", "seat-01", "-e", exercise, "--json").stdout)["results"]
    return str(result["verdict"])


def ends_well(bancada: Bancada, words: Sequence[str]) -> None:
    done = bancada(*words)
    assert done.returncode == (1 if words[0] == "check" else 0), f"{words}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("name", VERBS)
def test_killed_before_and_after_each_of_its_commands(fresh: Bancada, name: str) -> None:
    words, before, then, outlives = VERBS[name]
    ends_well(fresh, UP)
    struck = []
    for number, side in ((number, side) for number in itertools.count(1) for side in ("before", "after")):
        if name != "up, of nothing":  # a seat that has nobody's work
            ends_well(fresh, UP)
            if verdict(fresh, OTHER) != "passed":
                ends_well(fresh, ["solve", "seat-01", "-e", OTHER])
                assert verdict(fresh, OTHER) == "passed"
            if name != "solve" and verdict(fresh, MINE) == "passed":
                ends_well(fresh, ["reset", "seat-01", "-e", MINE, "--yes"])
                ends_well(fresh, ["stage", "seat-01", "-e", MINE])
        for preparing in before:
            ends_well(fresh, preparing)
        known = {exercise for exercise, _ in fresh.verdicts()} if name != "up, of nothing" else set()
        done = fresh.ended(*words, moment=f"SIGKILL {side} {number}")
        struck.append(done.returncode == -signal.SIGKILL)
        ends_well(fresh, words)
        assert known <= {exercise for exercise, _ in fresh.verdicts()} or not known, (side, number)
        if then:
            assert verdict(fresh, MINE) == then, (side, number)
            if outlives:
                assert verdict(fresh, OTHER) == "passed", (side, number)
        if not struck[-1]:
            break  # it runs no more commands than these, so it was killed around each of them
    assert sum(struck) >= 2, struck
