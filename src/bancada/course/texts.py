"""A task's texts in two languages, equal: what one text or message has, the other has too; and how a seat gets them."""

from __future__ import annotations

import ast
import re
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bancada.reach.yamlfile import Problem
from bancada.words.errors import UsageError
from bancada.words.i18n import Language, placeholders

ON_SEAT: Mapping[Language, str] = {Language.EN: "TASK.md", Language.PT_BR: "TAREFA.md"}
"""What the file is called on a seat that is `task.en.md` in the exercise's folder."""
HEADING = re.compile(r"^(#+) ")
PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


def task_file(language: Language) -> str:
    """What it is called in the exercise's folder."""
    return f"task.{language.value}.md"


def task(folder: Path, language: Language, values: Mapping[str, str | int]) -> str:
    """The task of the exercise in this folder as one student reads it, `values` being that student's variant.

    Raises UsageError with file and line where the text cannot be filled in: its template is malformed, or asks for a
    value that no seed draws.
    """
    name = task_file(language)
    try:
        return _templates(folder).get_template(name).render(variant=SimpleNamespace(**values))
    except Exception as error:  # whatever a text makes its template do
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{one.filename}:{one.lineno}" for one in frames if Path(one.filename).parent == folder]
        raise UsageError(
            f"{name} cannot be filled in: {str(error).replace('types.SimpleNamespace object', 'variant')}.",
            where=places[-1] if places else str(folder / name),
            next="mend it there; {{ variant.NAME }} stands for what the seed NAME of its exercise.yml draws",
        ) from error


@cache
def _templates(folder: Path) -> Environment:
    """Kept, as a text is the same template for all seats; one that has changed since is read anew."""
    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,  # a line that is only {% … %} leaves no empty one
        keep_trailing_newline=True,
    )


def compare_texts(english: Path, portuguese: Path) -> list[Problem]:
    """Where the Portuguese text has other headings, code blocks or placeholders than the English one."""
    if not (english.is_file() and portuguese.is_file()):
        return []
    ours, theirs = (_shape(path.read_text(encoding="utf-8")) for path in (english, portuguese))
    for part in ours:
        if ours[part] != theirs[part]:
            what = f"{part} differ: {english.name} has {ours[part]}, {portuguese.name} has {theirs[part]}."
            return [Problem(portuguese, 0, what, "Make both languages say the same.")]
    return []


def _shape(text: str) -> dict[str, list[str]]:
    headings, blocks, block = [], [], None
    for line in text.splitlines():
        if line.startswith("```"):
            if block is None:
                block = line[3:].strip()
            else:
                blocks.append(block)
                block = None
        elif block is not None:
            # Comments in a code block are prose, and are translated; commands are not.
            if line.strip() and not line.lstrip().startswith("#"):
                block += "\n" + line.split("  #")[0].rstrip()
        elif match := HEADING.match(line):
            headings.append(match[1])
    return {
        "headings": headings,
        "code blocks": blocks,
        "placeholders": sorted(set(PLACEHOLDER.findall(text))),
    }


def lint_messages(path: Path, tree: ast.AST) -> list[Problem]:
    """Every T(…) of a test must be whole before it runs: a message is only built when a student fails."""
    problems = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "T"):
            continue
        named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        pair = [*node.args, *(named[key] for key in ("en", "pt") if key in named)]
        if len(pair) != 2 or not all(isinstance(arg, ast.Constant) and isinstance(arg.value, str) for arg in pair):
            what = "T(…) takes the two texts, English and Portuguese, as plain strings."
            problems.append(Problem(path, node.lineno, what, "Put what varies into {placeholders}."))
            continue
        english, portuguese = (placeholders(str(arg.value)) for arg in pair if isinstance(arg, ast.Constant))
        if english != portuguese:
            what = f"T(…) uses {sorted(english)} in English and {sorted(portuguese)} in Portuguese."
            problems.append(Problem(path, node.lineno, what, "Use the same placeholders in both."))
        elif (missing := english - named.keys()) and all(keyword.arg for keyword in node.keywords):
            problems.append(Problem(path, node.lineno, f"T(…) has no value for {sorted(missing)}.", "Pass it by name."))
    return problems
