"""A whole, lintable exercise folder for the tests to break."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bancada.course.lint import new
from bancada.reach import private

Edit = Callable[[str, str, str], None]


@pytest.fixture(scope="session", autouse=True)
def folders_for_sockets() -> Iterator[None]:
    """They lie in a folder that goes at the end, not in /run; pytest's own folders have too long paths."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(private, "_parents", lambda: iter([Path(folder)]))
        yield


@pytest.fixture
def exercises(tmp_path: Path) -> Path:
    """A folder `exercises` with one exercise, demo/first, with nothing left to write."""
    exercises = tmp_path / "exercises"
    folder = new(exercises, "demo/first")
    for file in folder.rglob("*.*"):
        file.write_text(file.read_text(encoding="utf-8").replace("TODO", "Done"), encoding="utf-8")
    return exercises


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store of verdicts may be made."""
    return tmp_path / "results.sqlite"


@pytest.fixture
def edit(exercises: Path) -> Edit:
    """edit(file, old, new) replaces text in a file of demo/first; the old text must be there."""

    def replace(file: str, old: str, new: str) -> None:
        path = exercises / "demo" / "first" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace
