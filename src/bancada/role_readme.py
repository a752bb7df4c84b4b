"""The README of each role, written from what Ansible itself reads: meta/argument_specs.yml and defaults/main.yml.

`python -m bancada.role_readme` writes them all; a test fails where one lags.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bancada.reach.paths import Project
from bancada.words.errors import Exit, UsageError

SPECS = "meta/argument_specs.yml"
DEFAULTS = "defaults/main.yml"
# A longer default, such as a list of packages, is pointed to instead of shown.
DEFAULT_WIDTH = 60
# Ansible's markup for code, values and options: "Ansible markup" in its developer guide.
MARKUP = re.compile(r"\b[CVO]\(([^)]+)\)")
COLUMNS = ("variable", "type", "default", "choices", "required", "description")


def roles(folder: Path) -> list[Path]:
    """The roles in a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def argument_specs(role: Path) -> dict[str, dict[str, Any]]:
    """The entry points of a role. Raises UsageError where the role does not say what it takes."""
    specs = _read(role / SPECS).get("argument_specs")
    if not specs or "main" not in specs:
        raise UsageError(
            f"The role {role.name} does not say which variables it takes.",
            where=str(role / SPECS),
            next=f"write argument_specs with the entry point main there, as {role.parent.name}/student/{SPECS} does",
        )
    return dict(specs)


def defaults(role: Path) -> dict[str, Any]:
    return _read(role / DEFAULTS)


def render(role: Path) -> str:
    """The text of a role's README.md."""
    specs, values = argument_specs(role), defaults(role)
    parts = [
        f"# Role `{role.name}`",
        f"<!-- Made from {SPECS} and {DEFAULTS} by `python -m bancada.role_readme`: edit those. -->",
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


def _read(path: Path) -> dict[str, Any]:
    """A YAML file as plain data; a file that is not there holds nothing."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.is_file() else {}


def main(folder: Path) -> int:
    """Write the README of each role that can have one; the exit code says whether that was all of them."""
    code = Exit.PASSED
    for role in roles(folder):
        try:
            (role / "README.md").write_text(render(role), encoding="utf-8")
        except UsageError as error:
            print(error, file=sys.stderr)
            code = error.code
    return code


if __name__ == "__main__":
    sys.exit(main(Project.here().roles))
