"""Reads a YAML file into a pydantic model; what is wrong comes back with its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

Model = TypeVar("Model", bound=BaseModel)


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


def read(path: Path, model: type[Model]) -> tuple[Model | None, list[Problem], Any]:
    """The model, or the problems; and the parsed document, which knows its lines."""
    try:
        document = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        column = f", column {mark.column + 1}" if mark else ""
        what = f"This is not YAML: {error.problem}{column}."
        return None, [Problem(path, mark.line + 1 if mark else 0, what, "Mend the syntax.")], None
    except (YAMLError, UnicodeDecodeError) as error:
        return None, [Problem(path, 0, f"This is not YAML: {error}.", "Mend the syntax.")], None
    except OSError as error:
        return None, [Problem(path, 0, f"This file cannot be read: {error.strerror}.", "Make it.")], None
    try:
        return model.model_validate(document), [], document
    except ValidationError as error:
        # A misspelt key is the cause of a missing one, so it comes first.
        details = sorted(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")
        return None, [_problem(path, document, detail) for detail in details], document


def line_of(document: Any, *keys: Any) -> int:
    """The line (from 1) where the value under these keys stands; of the deepest key that exists. 0 if unknown."""
    line = 0
    for key in keys:
        try:
            line = int(document.lc.key(key)[0] if hasattr(document, "keys") else document.lc.item(key)[0]) + 1
            document = document[key]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line


def _problem(path: Path, document: Any, detail: Any) -> Problem:
    keys = tuple(key for key in detail["loc"])
    name = ".".join(str(key) for key in keys)
    line = line_of(document, *keys)
    if detail["type"] == "extra_forbidden":
        return Problem(path, line, f"There is no key {name!r}.", "Take it out, or mend its spelling.")
    if detail["type"] == "missing":
        return Problem(path, line or 1, f"{name} is missing.", f"Add {keys[-1]!r}.")
    return Problem(path, line, f"{name} is wrong: {detail['msg']}.", "Mend the value.")
