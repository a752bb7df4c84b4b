"""Two languages, equal: what one task text or message has, the other has too."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from bancada.reach.yamlfile import Problem
from bancada.words.i18n import placeholders

HEADING = re.compile(r"^(#+) ")
PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


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
