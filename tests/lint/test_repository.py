"""Rules of this repository that no linter knows."""

from __future__ import annotations

import re
import tomllib

import pytest
from test_linters import ROOT, files

from bancada import __version__
from schemas import FOLDER, SCHEMAS, render

LONGEST_PYTHON = 500
LONGEST_TASKS = 60
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("name", files("*.py"))
def test_python_file_can_be_held_in_the_head(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= LONGEST_PYTHON


@pytest.mark.parametrize("name", [name for name in files("roles/*.yml") if "/tasks/" in name])
def test_task_file_is_short_and_its_names_begin_with_ensure(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_TASKS
    assert not [task for task in re.findall(r"^\s*- name: (.*)$", text, re.MULTILINE) if not task.startswith("Ensure")]


@pytest.mark.parametrize("name", files("*.md", "*.yml", "*.py", "*.sh", "bancada", ".ci/run", "*.toml", "*.lock"))
def test_no_path_of_one_machine(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"/(work|home/(?!student\b|bancada\b|maria\b)\w+|Users)/\w", text)


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_what_the_model_says(name: str) -> None:
    said = (FOLDER / name).read_text(encoding="utf-8")
    assert said == render(SCHEMAS[name]), "write it anew: .venv/bin/python tools"


def test_version_is_that_of_the_newest_changes() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2}$", changelog, re.MULTILINE)
    assert versions[0] == PROJECT["version"] == __version__


def test_licence_is_said_in_one_voice() -> None:
    # Until one is chosen nothing may name one: it is said in pyproject.toml, and the rest follows from there.
    licence = PROJECT.get("license")
    text = [name for name in files() if name.startswith(("LICENSE", "COPYING"))]
    assert text == (["LICENSE"] if licence else []), "LICENSE holds the text of what pyproject.toml says as `license`"
    assert PROJECT.get("license-files", []) == text
    for name in ("README.md", "README.pt-BR.md"):
        named = re.findall(r"^SPDX-License-Identifier: `(.*)`", (ROOT / name).read_text("utf-8"), re.MULTILINE)
        assert named == ([licence] if licence else []), f"{name} says SPDX-License-Identifier: `{licence}` on a line"
