"""What exercises and images are named by: what their authors wrote, not what their tools leave beside it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bancada.course import load_catalog
from bancada.course.lint import lint
from bancada.inventory import load_class
from bancada.providers import MAKERS
from bancada.reach.paths import ROOT, Project, files_below, is_left_beside
from bancada.seats.bake import image_tag

LEFT = [
    ".task.en.md.swp", "main.yml~", "#main.yml#", "main.yml.orig", "main.yml.rej", ".DS_Store", "a.swo",
    "task.sync-conflict-20261125-101010-ABCDEFG.md", "task (conflicted copy 2026-11-25 101010).md",
    "tarefa (Cópia em conflito de Ana 2026-11-25).md", "Thumbs.db", "desktop.ini",
]  # fmt: skip
MEANT = ["task.en.md", "01-without-a-name.sh", "origin.yml", "stage.yml", "conflict.md", "rejected.sh"]


@pytest.mark.parametrize("name", LEFT)
def test_what_tools_leave_is_in_no_digest_and_not_in_git(exercises: Path, name: str) -> None:
    before = load_catalog(exercises)["demo/first"].digest
    for folder in ("", "mistakes"):
        (exercises / "demo/first" / folder / name).write_text("left")
    assert load_catalog(exercises)["demo/first"].digest == before
    ignored = subprocess.run(["git", "check-ignore", "--quiet", f"exercises/{name}"], cwd=ROOT, check=False)
    assert ignored.returncode == 0


@pytest.mark.parametrize("name", MEANT)
def test_what_an_author_writes_is_meant(name: str) -> None:
    assert not is_left_beside(name)
    assert subprocess.run(["git", "check-ignore", "--quiet", f"exercises/{name}"], cwd=ROOT, check=False).returncode


def test_nothing_of_this_repository_is_taken_for_left_over() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "exercises", "roles"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert listed.stdout and not [file for file in listed.stdout.splitlines() if is_left_beside(Path(file).name)]


def test_mistake_that_is_open_in_emacs_is_one_mistake(exercises: Path) -> None:
    before = load_catalog(exercises)["demo/first"]
    (script, *_) = before.mistakes
    lock = script.script.with_name(f".#{script.script.name}")
    lock.symlink_to("ana@computer.4711:1764064800")  # what Emacs makes: a link to nowhere
    assert load_catalog(exercises)["demo/first"] == before
    (lock.parent.parent / ".#exercise.yml").symlink_to("ana@computer.4711:1764064800")
    assert lint(exercises, ["demo/first"]) == []


@pytest.mark.parametrize("name", [".ruff_cache", "__pycache__", ".ipynb_checkpoints"])
def test_folder_that_a_tool_left_is_no_part_of_the_exercise(exercises: Path, name: str) -> None:
    before = load_catalog(exercises)["demo/first"].digest
    (exercises / "demo/first" / name).mkdir()
    (exercises / "demo/first" / name / "task.en.md").write_text("TODO")
    assert load_catalog(exercises)["demo/first"].digest == before
    assert lint(exercises, ["demo/first"]) == []


def test_linked_folder_is_part_of_the_exercise(exercises: Path, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    folder = exercises / "demo/first"
    (folder / "files").symlink_to(tmp_path / "shared")
    (folder / "circle").symlink_to(folder)
    digests = set()
    for text in ("one", "two"):
        (tmp_path / "shared" / "file").write_text(text)
        digests.add(load_catalog(exercises)["demo/first"].digest)
    assert len(digests) == 2
    assert len(list(files_below(folder))) == len({file.resolve() for file in files_below(folder)})


def test_open_role_makes_no_new_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hosts.yml").write_text("all: {hosts: {one: }}\n")
    monkeypatch.setenv("BANCADA_INVENTORY", str(tmp_path / "hosts.yml"))
    cls = load_class(Project(ROOT, tmp_path / "state"))
    for part in ("roles", "playbooks", "src/bancada/seats/base"):
        shutil.copytree(ROOT / part, tmp_path / part)
    project = replace(Project(ROOT, tmp_path / "state"), root=tmp_path)
    monkeypatch.setattr("bancada.seats.bake.BASE", tmp_path / "src/bancada/seats/base")
    provider = MAKERS["podman"](cls)
    before = image_tag(project, provider, cls.seats[0])
    tasks = tmp_path / "roles" / "docker" / "tasks"
    for name in LEFT:
        (tasks / name).write_text("left")
    assert image_tag(project, provider, cls.seats[0]) == before
    (tasks / "meant.yml").write_text("[]")
    assert image_tag(project, provider, cls.seats[0]) != before
