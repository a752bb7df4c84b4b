"""The linters, as tests: what they print is the message."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def files(*patterns: str) -> list[str]:
    """The files of the repository, tracked or new but not ignored, that match the patterns."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [name for name in done.stdout.splitlines() if (ROOT / name).exists()]


TESTS = ("tests/unit", "tests/e2e", "tests/states", "tests/vm", "tests/hosts")
LINTERS = {
    "ruff": [sys.executable, "-m", "ruff", "check", "."],
    "format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "mypy": [sys.executable, "-m", "mypy"],
    # One by one: two folders may have a conftest each.
    **{f"mypy of {folder}": [sys.executable, "-m", "mypy", "--explicit-package-bases", folder] for folder in TESTS},
    "yamllint": [sys.executable, "-m", "yamllint", "--strict", *files("*.yml")],
    "ansible-lint": ["ansible-lint", "--offline", "--profile", "production", "-q"],
    "shellcheck": ["shellcheck", "bancada", ".ci/run", *files("*.sh")],
    "exercises": [sys.executable, "-m", "bancada", "lint"],
}


@pytest.mark.parametrize("name", LINTERS)
def test_linter_is_content(name: str) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": "src"}
    done = subprocess.run(LINTERS[name], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
