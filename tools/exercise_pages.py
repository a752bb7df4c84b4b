"""The page that lists all exercises and courses, in both languages, written from their own files."""

from __future__ import annotations

from pathlib import Path

from bancada.course import Exercise, load_catalog
from bancada.course.models import Claim, CourseFile, Feature
from bancada.reach.paths import Project
from bancada.reach.yamlfile import read
from bancada.words.i18n import Language, T

NAMESPACES = {claim.value for claim in Claim} & {feature.value for feature in Feature}
HEAD = T(
    """# The exercises

This page is written by `.venv/bin/python tools` from the exercises' own files. Minutes are what a student needs, about.
Each exercise is proven: its check accepts the solution and every other right way that is shipped, and catches every
mistake.
""",
    """# Os exercícios

Esta página é escrita por `.venv/bin/python tools` a partir dos arquivos dos próprios exercícios. Os minutos são uma
estimativa do que um aluno precisa. Cada exercício é provado: a verificação aceita a solução e todos os outros caminhos
certos que vêm junto, e pega todos os erros comuns.
""",
)
COLUMNS = T(
    "|  | exercise | what you will do | minutes | needs | kernel features |\n| ---: | --- | --- | ---: | --- | --- |",
    "|  | exercício | o que você vai fazer | minutos | precisa de | recursos do kernel |\n"
    "| ---: | --- | --- | ---: | --- | --- |",
)
REST = T("In no course", "Em nenhum curso")


def render(project: Project, language: Language) -> str:
    """The whole page: one section a course, the longest first; then what is in no course."""
    catalog = load_catalog(project.exercises)
    courses = {path.stem: _course(path) for path in project.courses.glob("*.yml")}
    parts = [HEAD.in_(language)]
    for name, course in sorted(courses.items(), key=lambda item: (-len(item[1].exercises), item[0])):
        exercises = [catalog[exercise] for exercise in course.exercises]
        total = T(
            "Course `{name}`: {number} exercises, about {minutes} minutes.",
            "Curso `{name}`: {number} exercícios, cerca de {minutes} minutos.",
            name=name,
            number=len(exercises),
            minutes=sum(exercise.file.minutes for exercise in exercises),
        )
        parts += [f"## {course.title.in_(language)}\n", f"{total.in_(language)}\n", _table(exercises, language)]
    in_courses = {exercise for course in courses.values() for exercise in course.exercises}
    if rest := [exercise for name, exercise in catalog.items() if name not in in_courses]:
        parts += [f"## {REST.in_(language)}\n", _table(rest, language)]
    return "\n".join(parts)


def _course(path: Path) -> CourseFile:
    model, problems = read(path, CourseFile)
    if model is None:
        raise ValueError(str(problems[0]))
    return model


def _table(exercises: list[Exercise], language: Language) -> str:
    rows = [_row(number, exercise, language) for number, exercise in enumerate(exercises, 1)]
    return "\n".join([COLUMNS.in_(language), *rows, ""])


def _row(number: int, exercise: Exercise, language: Language) -> str:
    file = exercise.file
    needs = ", ".join(need.title.in_(language) for need in exercise.needs)
    task = f"../../exercises/{exercise.name}/task.{language.value}.md"
    cells = [
        str(number), f"[{exercise.name}]({task})", f"**{file.title.in_(language)}.** {file.summary.in_(language)}",
        str(file.minutes), needs, ", ".join(_feature(feature) for feature in file.uses),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _feature(feature: Feature) -> str:
    return f"{feature.value} namespace" if feature.value in NAMESPACES else feature.value


def write(project: Project) -> None:
    for language in Language:
        path = project.root / "docs" / language.value / "exercises.md"
        path.write_text(render(project, language), encoding="utf-8")
