"""One exercise is one folder. A folder that is not whole is a hard error: file, line, mend."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bancada.course import proven
from bancada.course.capabilities import capabilities
from bancada.course.models import ExerciseFile
from bancada.course.needs import Capability
from bancada.course.texts import compare_texts, lint_messages, task_file
from bancada.reach.paths import files_below, is_left_beside
from bancada.reach.yamlfile import Problem, line_of, read
from bancada.words.errors import UsageError
from bancada.words.i18n import Language
from bancada.words.meant import meant, typed_with

FEWEST_MISTAKES = 3
WRITTEN = {".yml", ".md", ".sh", ".py"}
"""How the names of files end that an author writes."""
FEW = 5
"""Changed files that are named."""
CAUGHT_BY = re.compile(r"^# caught by: (test_\w+)$")


@dataclass(frozen=True)
class Mistake:
    """A plausible wrong answer and the test that must catch it."""

    name: str
    script: Path
    caught_by: str


@dataclass(frozen=True)
class Exercise:
    name: str
    folder: Path
    file: ExerciseFile
    tests: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    content: proven.Content
    needs: tuple[Capability, ...] = field(default=())
    alternatives: tuple[Path, ...] = field(default=())

    @property
    def solution(self) -> Path:
        return self.folder / "solution.sh"

    @property
    def check(self) -> Path:
        return self.folder / "test_exercise.py"

    @property
    def probe(self) -> Path:
        """What looks at the seat where no general evidence tells enough; most exercises have none."""
        return self.folder / "probe.py"

    @property
    def digest(self) -> str:
        return self.content.digest

    @property
    def is_proven(self) -> bool:
        """Whether `bancada prove` has passed for exactly these files."""
        return proven.holds(self.folder, self.content)


def folders(exercises: Path) -> list[Path]:
    """Every folder of the form <topic>/<slug>; nothing registers them. Raises UsageError where a topic is a package of
    Python's: its file would run before each check, and is in no exercise's digest."""
    for package in exercises.glob("*/__init__.py"):
        what = f"{package.parent.name} is a topic, and so no package of Python's."
        raise UsageError(what, where=str(package), next=f"rm {shlex.quote(str(package))}")
    return sorted(
        slug
        for topic in exercises.iterdir()
        if topic.is_dir() and topic.name[0] not in "._"
        for slug in topic.iterdir()
        if slug.is_dir() and slug.name[0] not in "._"
    )


def load_catalog(exercises: Path) -> dict[str, Exercise]:
    """All exercises by name. Raises UsageError for the first folder that is malformed."""
    if not exercises.is_dir():
        raise UsageError("There is no exercise.", where=str(exercises), next="./bancada new topic/slug")
    catalog = {}
    for folder in folders(exercises):
        exercise, problems = read_exercise(folder)
        if exercise is None or problems:
            first, more = problems[0], len(problems) - 1
            raise UsageError(
                f"{first.what} {first.mend}" + (f" ({more} more)" if more else ""),
                where=first.where,
                next=f"./bancada lint {folder.parent.name}/{folder.name}",
            )
        catalog[exercise.name] = exercise
    return catalog


def no_exercise(name: str, known: Iterable[str], exercises: Path) -> UsageError:
    """That there is none of this name, and which one was meant."""
    known = list(known)
    if of_topic := [one for one in known if one.startswith(f"{name.rstrip('/')}/")]:
        what = f"{name!r} is a topic, and none of its exercises is named: {', '.join(of_topic)}."
        then = typed_with(name, f"{name.rstrip('/')}/SLUG")
    elif likely := meant(name, known):
        what, then = f"There is no exercise {name!r}. Did you mean {likely}?", typed_with(name, likely)
    else:
        what = f"There is no exercise {name!r}. The exercises: {', '.join(known) or 'none'}."
        then = "./bancada new topic/slug, for one of your own" if not known else "type one of these names"
    return UsageError(what, where=str(exercises), next=then)


def require_proven(exercises: Iterable[Exercise]) -> None:
    """Raises UsageError for the first exercise whose check was not shown to be right as its files are now."""
    for exercise in exercises:
        if not exercise.is_proven:
            since = proven.changes(exercise.folder, exercise.content)
            told = f" ({', '.join([*since[:FEW], *['…'] * (len(since) > FEW)])})" if since else ""
            raise UsageError(
                f"{exercise.name} is not proven: its check was not shown to be right for the files as they are now"
                f"{told}.",
                where=str(exercise.folder / proven.PROOF),
                next=f"./bancada prove -e {exercise.name}",
            )


def read_exercise(folder: Path) -> tuple[Exercise | None, list[Problem]]:
    """The exercise, and everything that is wrong with it. None where its exercise.yml cannot be used at all."""
    path = folder / "exercise.yml"
    if unreadable := [file for file in files_below(folder) if file.suffix in WRITTEN and not is_utf8(file)]:
        return None, [Problem(file, 0, "It is not UTF-8.", "Save it as that.") for file in sorted(unreadable)]
    model, problems = read(path, ExerciseFile)
    for name in ("solution.sh", "test_exercise.py", *(task_file(language) for language in Language)):
        if not (folder / name).is_file():
            problems.append(Problem(folder / name, 0, f"{name} is missing.", "Write it."))
    tests, test_problems = _tests(folder / "test_exercise.py")
    mistakes, mistake_problems = _mistakes(folder, tests)
    problems += test_problems + mistake_problems
    problems += compare_texts(folder / task_file(Language.EN), folder / task_file(Language.PT_BR))
    if model is None:
        return None, problems
    known = capabilities()
    for number, name in enumerate(model.needs):
        if name not in known:
            mend = f"Did you mean {likely}?" if (likely := meant(name, known)) else f"There are: {', '.join(known)}."
            what = f"No role brings the capability {name}."
            problems.append(Problem(path, line_of(path, "needs", number), what, mend))
    for name in model.hints:
        if name not in tests:
            mend = f"The tests are: {', '.join(tests)}." if tests else "There is no test yet."
            problems.append(Problem(path, line_of(path, "hints", name), f"A hint for no test: {name}.", mend))
    for name in tests:
        if name not in model.hints:
            problems.append(
                Problem(path, line_of(path, "hints"), f"{name} has no hint.", "Add one under hints, in both.")
            )
    exercise = Exercise(
        name=f"{folder.parent.name}/{folder.name}",
        folder=folder,
        file=model,
        tests=tuple(tests),
        mistakes=tuple(mistakes),
        content=proven.content(folder),
        needs=tuple(known[name] for name in model.needs if name in known),
        alternatives=tuple(_scripts(folder / "alternatives")),
    )
    return exercise, problems


def is_utf8(file: Path) -> bool:
    try:
        file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _tests(path: Path) -> tuple[list[str], list[Problem]]:
    if not path.is_file():
        return [], []
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        return [], [Problem(path, error.lineno or 0, f"This is not Python: {error.msg}.", "Mend the syntax.")]
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    tests = list(dict.fromkeys(node.name for node in found))
    problems = lint_messages(path, tree)
    for number, node in enumerate(found):
        if node.name in (before.name for before in found[:number]):
            what = f"{node.name} is there twice, and only the last one would run."
            problems.append(Problem(path, node.lineno, what, "Give one of them another name."))
    if not tests:
        problems.append(Problem(path, 0, "It has no test, so it would check nothing.", "Write one: def test_effect()."))
    return tests, problems


def _mistakes(folder: Path, tests: list[str]) -> tuple[list[Mistake], list[Problem]]:
    mistakes, problems = [], []
    scripts = _scripts(folder / "mistakes")
    if len(scripts) < FEWEST_MISTAKES:
        problems.append(
            Problem(
                folder / "mistakes",
                0,
                f"It has {len(scripts)} of at least {FEWEST_MISTAKES} mistakes.",
                "Add wrong answers that a student would give.",
            )
        )
    for script in scripts:
        lines = script.read_text(encoding="utf-8").splitlines()
        number = 2 if lines and lines[0].startswith("#!") else 1
        match = CAUGHT_BY.match(lines[number - 1]) if len(lines) >= number else None
        if match is None:
            what = "It names no test that must catch it."
            problems.append(Problem(script, number, what, "Begin with: # caught by: test_name"))
        elif match[1] not in tests:
            what = f"It names a test that is not there: {match[1]}."
            problems.append(Problem(script, number, what, f"The tests are: {', '.join(tests)}."))
        else:
            mistakes.append(Mistake(script.stem, script, match[1]))
    return mistakes, problems


def _scripts(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.sh") if not is_left_beside(file.name))
