"""What a seat lacks costs nobody a mark, and is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bancada.course import Exercise, load_catalog
from bancada.course.needs import LeftOut
from bancada.judge.judge import bench_fault
from bancada.judge.verdict import Verdict
from bancada.words.progress import Progress

Edit = Callable[[str, str, str], None]


def seat_with(*has: str) -> Any:
    """As much of a seat's evidence as is looked at."""
    return SimpleNamespace(has=frozenset(has))


@pytest.fixture
def exercise(exercises: Path, edit: Edit) -> Exercise:
    edit("exercise.yml", "needs: []", "needs: [own-kernel, qemu]")
    return load_catalog(exercises)["demo/first"]


@pytest.mark.parametrize(("has", "why"), [([], "a container"), (["own-kernel"], "QEMU"), (["qemu"], "a container")])
def test_what_the_seat_lacks_is_an_error_in_both_languages(exercise: Exercise, has: list[str], why: str) -> None:
    fault = bench_fault(seat_with(*has), exercise.needs)
    assert fault is not None and fault.verdict is Verdict.ERROR
    assert why in str(fault.found) and fault.model_dump()["found"]["pt-BR"] != str(fault.found)


def test_a_seat_that_has_all_can_be_judged(exercise: Exercise) -> None:
    assert bench_fault(seat_with("own-kernel", "qemu"), exercise.needs) is None


def test_an_exercise_that_a_seat_cannot_have_is_left_out_and_that_is_said(
    exercise: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    left_out = LeftOut()
    assert left_out.fitting("seat-01", seat_with("own-kernel"), [exercise]) == ()
    left_out.tell(Progress())
    assert "demo/first is left out on seat-01: the exercise needs QEMU" in capsys.readouterr().err
    assert LeftOut().fitting("seat-01", seat_with("own-kernel", "qemu"), [exercise]) == (exercise,)


def test_what_many_seats_lack_is_said_once(exercise: Exercise, capsys: pytest.CaptureFixture[str]) -> None:
    left_out = LeftOut()
    second = replace(exercise, name="demo/second")
    for number in (30, *range(1, 30)):  # as seats answer
        left_out.fitting(f"seat-{number:02}", seat_with("qemu"), [exercise, second])
    left_out.fitting("seat-31", seat_with("own-kernel"), [exercise])
    left_out.tell(Progress())
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert said[0].startswith(
        "! demo/first, demo/second are left out on 30 seats (seat-01 … seat-30): the exercise needs a kernel"
    )
    assert said[1].startswith("! demo/first is left out on seat-31: the exercise needs QEMU")
