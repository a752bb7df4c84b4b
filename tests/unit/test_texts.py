"""A student's own copy of a task: the text of the folder, filled in with what was drawn for that student."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bancada.course import load_catalog
from bancada.course.exercise import folders
from bancada.course.models import ExerciseFile
from bancada.course.texts import task
from bancada.course.variant import Variant, for_role
from bancada.reach.paths import ROOT
from bancada.reach.yamlfile import read
from bancada.words.errors import UsageError
from bancada.words.i18n import Language

Edit = Callable[[str, str, str], None]


def filled(folder: Path, text: str, **values: str | int) -> str:
    (folder / "task.en.md").write_text(text, encoding="utf-8")
    return task(folder, Language.EN, values)


def test_each_language_has_its_own_text(tmp_path: Path) -> None:
    (tmp_path / "task.pt-BR.md").write_text("Nó {{ variant.name }}\n", encoding="utf-8")
    assert filled(tmp_path, "Node {{ variant.name }}\n", name="oak") == "Node oak\n"
    assert task(tmp_path, Language.PT_BR, {"name": "oak"}) == "Nó oak\n"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (
            "# A\n\n{% if variant.port > 80 %}\nhigh\n{% endif %}\n  {{ variant.port }}  \n\n",
            "# A\n\nhigh\n  8080  \n\n",
        ),
        ("no end", "no end"),
        ("", ""),
    ],
)
def test_lines_are_as_the_author_wrote_them(tmp_path: Path, text: str, seen: str) -> None:
    assert filled(tmp_path, text, port=8080) == seen


def test_text_that_has_changed_is_read_anew(tmp_path: Path) -> None:
    assert filled(tmp_path, "before") == "before"
    (tmp_path / "task.en.md").write_text("after")
    os.utime(tmp_path / "task.en.md", (0, 0))  # whatever the clock of the file system tells apart
    assert task(tmp_path, Language.EN, {}) == "after"


def test_templates_of_other_programs_can_be_shown(tmp_path: Path) -> None:
    text = "{% raw %}docker ps --format '{{ .ID }}'{% endraw %} {{ variant.sign }}\n"
    assert filled(tmp_path, text, sign='<{%&"') == "docker ps --format '{{ .ID }}' <{%&\"\n"


@pytest.mark.parametrize("name", ["items", "values", "keys", "get"])
def test_seed_may_be_called_anything(tmp_path: Path, name: str) -> None:
    assert filled(tmp_path, f"{{{{ variant.{name} }}}}", **{name: "drawn"}) == "drawn"


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        ("a\n\n{{ variant.nmae }}\n", "'variant' has no attribute 'nmae'", 3),
        ("a\n{{ name }}\n", "'name' is undefined", 2),
        ("docker ps --format '{{ .ID }}'\n", "unexpected '.'", 1),
        ("a\n{% if variant.name %}\nb\n", "Unexpected end of template", 3),
        ("a\n{{ variant.name | nothing }}\n", "No filter named 'nothing'", 2),
        ("a\n{{ variant.name / 0 }}\n", "unsupported operand", 2),
    ],
    ids=["unknown seed", "unknown name", "another program's", "no end", "unknown filter", "no number"],
)
def test_text_that_cannot_be_filled_in_names_file_and_line(tmp_path: Path, text: str, why: str, line: int) -> None:
    with pytest.raises(UsageError) as error:
        filled(tmp_path, text, name="oak")
    assert error.value.what.startswith("task.en.md cannot be filled in: ") and why in error.value.what
    assert error.value.where == f"{tmp_path}/task.en.md:{line}"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("folder", folders(ROOT / "exercises"), ids=lambda folder: "/".join(folder.parts[-2:]))
def test_seeds_of_every_exercise_fill_its_texts(folder: Path, language: Language) -> None:
    file, _ = read(folder / "exercise.yml", ExerciseFile)
    assert file is not None
    text = task(folder, language, dict.fromkeys(file.seeds, 4711))
    assert text.startswith("# ") and text.endswith("\n") and "variant." not in text


def test_role_is_told_both_texts_to_stage(exercises: Path) -> None:
    exercise = load_catalog(exercises)["demo/first"]
    assert for_role(exercise, Variant(), texts=True)["texts"] == {
        "TASK.md": (exercise.folder / "task.en.md").read_text(encoding="utf-8"),
        "TAREFA.md": (exercise.folder / "task.pt-BR.md").read_text(encoding="utf-8"),
    }


def test_what_cannot_be_filled_in_any_more_can_be_reset(exercises: Path, edit: Edit) -> None:
    exercise = load_catalog(exercises)["demo/first"]
    edit("task.en.md", "# ", "{{ gone }}# ")
    assert "texts" not in for_role(exercise, Variant())
    with pytest.raises(UsageError, match="'gone' is undefined"):
        for_role(exercise, Variant(), texts=True)


def test_role_is_told_which_tasks_an_exercise_has_of_its_own(exercises: Path) -> None:
    folder = exercises / "demo" / "first"
    owns = []
    for name in ("reset.yml", "stage.yml"):
        owns.append(for_role(load_catalog(exercises)["demo/first"], Variant())["own"])
        (folder / name).write_text("[]\n")
    owns.append(for_role(load_catalog(exercises)["demo/first"], Variant())["own"])
    assert owns == [[], ["reset"], ["stage", "reset"]]
