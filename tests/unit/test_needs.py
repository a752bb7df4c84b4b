"""What a seat lacks costs nobody a mark, and is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bancada.catalog import Exercise, load_catalog
from bancada.checks.runner import bench_fault
from bancada.checks.verdict import Verdict
from bancada.needs import fitting
from bancada.progress import Progress

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
    fault = bench_fault(seat_with(*has), exercise)
    assert fault is not None and fault.verdict is Verdict.ERROR
    assert why in fault.found["en"] and fault.found["pt-BR"] != fault.found["en"]


def test_a_seat_that_has_all_can_be_judged(exercise: Exercise) -> None:
    assert bench_fault(seat_with("own-kernel", "qemu"), exercise) is None


def test_an_exercise_that_a_seat_cannot_have_is_left_out_and_that_is_said(
    exercise: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(fitting("seat-01", seat_with("own-kernel"), [exercise], Progress())) == []
    assert "demo/first is left out on seat-01: it needs QEMU" in capsys.readouterr().err
    assert list(fitting("seat-01", seat_with("own-kernel", "qemu"), [exercise], Progress())) == [exercise]
