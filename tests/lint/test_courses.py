"""Courses hold what they promise, and the page that lists all exercises says what their files say."""

from __future__ import annotations

import pytest

from bancada.course import load_catalog, load_course
from bancada.reach.paths import Project
from bancada.words.i18n import Language
from exercise_pages import render

PROJECT = Project.here()
CATALOG = load_catalog(PROJECT.exercises)


@pytest.mark.parametrize("language", Language)
def test_page_of_exercises_is_what_their_files_say(language: Language) -> None:
    path = PROJECT.root / "docs" / language.value / "exercises.md"
    written = path.read_text(encoding="utf-8") if path.is_file() else ""
    assert written == render(PROJECT, language), f"{path} lags; type: .venv/bin/python tools"


@pytest.mark.parametrize("name", sorted(path.stem for path in PROJECT.courses.glob("*.yml")))
def test_course_names_each_of_its_exercises_once(name: str) -> None:
    names = [exercise.name for exercise in load_course(PROJECT.courses, name, CATALOG)]
    assert len(names) == len(set(names))


def test_fundamentos_has_every_exercise_of_its_topics() -> None:
    course = {exercise.name for exercise in load_course(PROJECT.courses, "fundamentos", CATALOG)}
    topics = ("chroot/", "namespaces/", "cgroups/", "containers/", "docker/", "vm/")
    assert course == {name for name in CATALOG if name.startswith(topics)}


def test_namespaces_em_90_min_takes_90_minutes() -> None:
    course = load_course(PROJECT.courses, "namespaces-em-90-min", CATALOG)
    assert 75 <= sum(exercise.file.minutes for exercise in course) <= 90


def test_all_eight_namespace_types_have_an_exercise() -> None:
    used = {feature.value for exercise in CATALOG.values() for feature in exercise.file.uses}
    assert {"mnt", "uts", "ipc", "pid", "net", "user", "cgroup", "time"} <= used
