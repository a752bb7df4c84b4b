"""A course is an ordered list of exercises."""

from __future__ import annotations

from pathlib import Path

from bancada.course.exercise import Exercise
from bancada.course.models import CourseFile
from bancada.reach.yamlfile import line_of, read
from bancada.words.errors import UsageError
from bancada.words.meant import meant


def load_course(courses: Path, name: str, catalog: dict[str, Exercise]) -> tuple[Exercise, ...]:
    """The exercises of `courses/<name>.yml` in its order. Raises UsageError for what is unknown or malformed."""
    path = courses / f"{name}.yml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in courses.glob("*.yml"))) or "none"
        likely = meant(name, (file.stem for file in courses.glob("*.yml"))) or "one of these"
        raise UsageError(
            f"There is no course {name!r}. The courses: {known}.",
            where=str(path),
            next=f"write bancada_course: {likely}, in the inventory",
        )
    model, problems = read(path, CourseFile)
    if model is None:
        raise UsageError(f"{problems[0].what} {problems[0].mend}", where=problems[0].where)
    for index, exercise in enumerate(model.exercises):
        if exercise not in catalog:
            raise UsageError(
                f"The course {name} lists an exercise that is not there: {exercise!r}.",
                where=f"{path}:{line_of(path, 'exercises', index)}",
                next=f"write {likely} there" if (likely := meant(exercise, catalog)) else f"./bancada new {exercise}",
            )
    return tuple(catalog[exercise] for exercise in model.exercises)
