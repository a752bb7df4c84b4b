"""Reads a YAML file into a pydantic model; what is wrong comes back with its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)
# The parser in C where it was built: a course has thirty files, and the one in Python takes 40 ms for each.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Problem:
    """Something that a person must mend in a file. `line` is 0 where it is about the whole file or folder."""

    file: Path
    line: int
    what: str
    mend: str

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}" if self.line else str(self.file)

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.mend}"


def read(path: Path, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """The model, or everything that keeps the file from being one."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        column = f", column {mark.column + 1}" if mark else ""
        what = f"This is not YAML: {error.problem}{column}."
        return None, [Problem(path, mark.line + 1 if mark else 0, what, "Mend the syntax.")]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return None, [Problem(path, 0, f"This is not YAML: {error}.", "Mend the syntax.")]
    except OSError as error:
        return None, [Problem(path, 0, f"This file cannot be read: {error.strerror}.", "Make it.")]
    try:
        return model.model_validate(document), []
    except ValidationError as error:
        # A misspelt key is the cause of a missing one, so it comes first.
        details = sorted(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")
        return None, [_problem(path, detail) for detail in details]


def line_of(path: Path, *keys: Any) -> int:
    """The line (from 1) where the value under these keys stands; of the deepest key that exists. 0 if unknown."""
    node, line = yaml.compose(path.read_text(encoding="utf-8"), Loader), 0
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = [(name, value) for name, value in node.value if name.value == str(key)]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            found = [(node.value[key], node.value[key])]
        else:
            found = []
        if not found:
            break
        line, node = found[0][0].start_mark.line + 1, found[0][1]
    return line


def _problem(path: Path, detail: Any) -> Problem:
    keys = tuple(detail["loc"])
    name = ".".join(str(key) for key in keys)
    line = line_of(path, *keys)
    if detail["type"] == "extra_forbidden":
        return Problem(path, line, f"There is no key {name!r}.", "Take it out, or mend its spelling.")
    if detail["type"] == "missing":
        return Problem(path, line or 1, f"{name} is missing.", f"Add {keys[-1]!r}.")
    return Problem(path, line, f"{name} is wrong: {detail['msg']}.", "Mend the value.")
