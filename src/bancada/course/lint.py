"""`bancada lint` and `bancada new`: everything wrong with an exercise folder, and a folder to begin with."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from bancada.course.exercise import WRITTEN, Exercise, folders, is_utf8, no_exercise, read_exercise
from bancada.course.texts import task
from bancada.course.variant import variant_of
from bancada.reach.paths import files_below
from bancada.reach.yamlfile import Problem
from bancada.words.errors import UsageError
from bancada.words.i18n import Language

TEMPLATE = Path(__file__).parent / "template"
NAME = re.compile(r"^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$")
HINTS = 2


def lint(exercises: Path, names: Sequence[str]) -> list[Problem]:
    """All problems of these exercises, or of all. Raises UsageError for a name that is no folder."""
    chosen = [exercises / name for name in names] or folders(exercises)
    for folder in chosen:
        if not folder.is_dir():
            known = [str(one.relative_to(exercises)) for one in folders(exercises)]
            raise no_exercise(str(folder.relative_to(exercises)), known, exercises)
    return [problem for folder in chosen for problem in _lint_one(folder)]


def _lint_one(folder: Path) -> list[Problem]:
    exercise, problems = read_exercise(folder)
    for file in sorted(file for file in files_below(folder) if file.suffix in WRITTEN and is_utf8(file)):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if "TODO" in line:
                problems.append(Problem(file, number, "Still to write.", "Replace the TODO."))
    problems += _texts(exercise) if exercise and not problems else []
    for name, hints in exercise.file.hints.items() if exercise else ():
        if len(hints) < HINTS:
            what = f"{name} has {len(hints)} hint; {HINTS} are asked for, from nudge to nearly there."
            problems.append(Problem(folder / "exercise.yml", 0, what, "Add one."))
    return problems


def _texts(exercise: Exercise) -> list[Problem]:
    """What keeps its task from being filled in for a student, whoever that is."""
    problems = []
    for language in Language:
        try:
            task(exercise.folder, language, variant_of(exercise, "any", b"").as_dict())
        except UsageError as error:
            file, _, line = error.where.rpartition(":")
            at = (Path(file), int(line)) if line.isdecimal() else (Path(error.where), 0)
            problems.append(Problem(*at, error.what, "{{ variant.NAME }} stands for what the seed NAME draws."))
    return problems


def new(exercises: Path, name: str) -> Path:
    """Make the folder of a new exercise from the template. Raises UsageError rather than touch an existing one."""
    if not NAME.match(name):
        raise UsageError(
            f"{name!r} is no name of an exercise: it is topic/slug, in lower-case letters, digits and hyphens.",
            next="./bancada new namespaces/my-exercise",
        )
    folder = exercises / name
    if folder.exists():
        raise UsageError(f"There is an exercise {name} already.", where=str(folder), next=f"./bancada lint {name}")
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(TEMPLATE, partial)
    partial.rename(folder)
    return folder
