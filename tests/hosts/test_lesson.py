"""Bancada at the computers that people have: a lesson from `up` to `down` at a stock Debian, in its quick form."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from image import RELEASES
from quick import quick


@pytest.mark.parametrize("release", RELEASES)
def test_a_lesson_at_a_stock_computer_goes_as_it_must_and_leaves_it_as_it_was(release: str, tmp_path: Path) -> None:
    for tool in ("qemu-system-x86_64", "qemu-img", "mmdebstrap", "podman"):
        if shutil.which(tool) is None:
            pytest.skip(f"this computer has no {tool}")
    lesson = quick(release, tmp_path / "lesson.log")
    print(lesson.table())
    assert not lesson.faults
