"""The README of each role, written from what Ansible itself reads: meta/argument_specs.yml and defaults/main.yml."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bancada.roles import DEFAULTS, SPECS, argument_specs, defaults, roles
from bancada.words.errors import Exit, UsageError

# A longer default, such as a list of packages, is pointed to instead of shown.
DEFAULT_WIDTH = 60
# Ansible's markup for code, values and options: "Ansible markup" in its developer guide.
MARKUP = re.compile(r"\b[CVO]\(([^)]+)\)")
COLUMNS = ("variable", "type", "default", "choices", "required", "description")


def render(role: Path) -> str:
    """The text of a role's README.md."""
    specs, values = argument_specs(role), defaults(role)
    parts = [
        f"# Role `{role.name}`",
        f"<!-- Made from {SPECS} and {DEFAULTS} by `.venv/bin/python tools`: edit those. -->",
        *_about(specs["main"]),
    ]
    for entry, spec in specs.items():
        parts.append(f"## Entry point `{entry}`")
        if entry != "main":
            parts += _about(spec)
        options = spec.get("options") or {}
        parts.append(_table(options, values) if options else "It takes no variables.")
        parts.append(f"```yaml\n{_example(role.name, entry, spec)}```")
    return "\n\n".join(parts) + "\n"


def _about(spec: Mapping[str, Any]) -> list[str]:
    short = str(spec.get("short_description", "")).rstrip(".")
    return [text for text in (short and f"{short}.", _sentences(spec, "\n\n")) if text]


def _sentences(spec: Mapping[str, Any], between: str) -> str:
    """A description, which may be one string or a list of them, in Markdown."""
    description = spec.get("description") or []
    items = [description] if isinstance(description, str) else description
    return MARKUP.sub(r"`\1`", between.join(" ".join(str(item).split()) for item in items))


def _table(options: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    lines = [COLUMNS, ("---",) * len(COLUMNS), *_rows(options, values)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _rows(options: Mapping[str, Any], values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, ...]]:
    for name, option in options.items():
        # What a dictionary holds is shown as more rows: `docker_log.size`.
        default = values.get(name, option.get("default")) if not prefix else option.get("default")
        kind = str(option.get("type", "str"))
        yield tuple(
            cell.replace("|", "\\|")
            for cell in (
                f"`{prefix}{name}`",
                f"{kind} of {option['elements']}" if "elements" in option else kind,
                _default(default),
                ", ".join(f"`{choice}`" for choice in option.get("choices", [])),
                "yes" if option.get("required") else "no",
                _sentences(option, " "),
            )
        )
        yield from _rows(option.get("options") or {}, {}, f"{prefix}{name}.")


def _default(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return f"`{text}`" if len(text) <= DEFAULT_WIDTH else f"see [{DEFAULTS}]({DEFAULTS})"


def _example(role: str, entry: str, spec: Mapping[str, Any]) -> str:
    """A play with the variables that it cannot do without."""
    needed = [name for name, option in (spec.get("options") or {}).items() if option.get("required")]
    variables = "".join(f"        {name}: …\n" for name in needed)
    head = f"- name: {str(spec.get('short_description', role)).rstrip('.')}\n  hosts: all\n  become: true\n"
    if entry == "main":
        return f"{head}  roles:\n    - role: {role}\n" + (variables and f"      vars:\n{variables}")
    include = f"        name: {role}\n        tasks_from: {entry}\n"
    return (
        f"{head}  tasks:\n    - name: Ensure the entry point {entry} has run\n"
        f"      ansible.builtin.include_role:\n{include}" + (variables and f"      vars:\n{variables}")
    )


def write(folder: Path) -> Exit:
    """Write the README of each role that can have one; the exit code says whether that was all of them."""
    code = Exit.PASSED
    for role in roles(folder):
        try:
            (role / "README.md").write_text(render(role), encoding="utf-8")
        except UsageError as error:
            print(error, file=sys.stderr)
            code = error.code
    return code
