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


def linked(folder: Path) -> dict[str, str]:
    """Links in the folder to what exercises have of Python; by link, the file. mypy takes no two modules of one name,
    and no hyphen in it: it sees cgroups__cpu_and_pids__probe.py for exercises/cgroups/cpu-and-pids/probe.py."""
    links = {}
    for name in files(":(glob)exercises/*/*/*.py"):
        link = folder / name.removeprefix("exercises/").replace("/", "__").replace("-", "_")
        link.symlink_to(ROOT / name)
        links[str(link)] = name
    return links


FOLDERS = (
    "tools", "tests/shared", "tests/lint", "tests/unit", "tests/replay", "tests/e2e", "tests/states", "tests/proofs",
    "tests/vm", "tests/hosts",
)  # fmt: skip
"""What mypy looks at beside the package."""
LINTERS = {
    "ruff": [sys.executable, "-m", "ruff", "check", "."],
    "format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "mypy": [sys.executable, "-m", "mypy"],
    # One by one: two folders may have a conftest each.
    **{f"mypy of {folder}": [sys.executable, "-m", "mypy", "--explicit-package-bases", folder] for folder in FOLDERS},
    "mypy of exercises": [sys.executable, "-m", "mypy", "--show-absolute-path"],  # and the links
    "yamllint": [sys.executable, "-m", "yamllint", "--strict", *files("*.yml")],
    "ansible-lint": ["ansible-lint", "--offline", "--profile", "production", "-q"],
    "shellcheck": ["shellcheck", "bancada", ".ci/run", *files("*.sh")],
    "exercises": [sys.executable, "-m", "bancada", "lint"],
}


@pytest.mark.parametrize("name", LINTERS)
def test_linter_is_content(name: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": "src"}
    links = linked(tmp_path) if name == "mypy of exercises" else {}
    command = [*LINTERS[name], *links]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    for link, file in links.items():
        said = said.replace(link, file)
    assert done.returncode == 0, said
