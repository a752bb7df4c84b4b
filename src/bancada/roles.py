"""The roles that prepare a machine, as Ansible reads them: what each says that it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bancada.words.errors import UsageError

SPECS = "meta/argument_specs.yml"
DEFAULTS = "defaults/main.yml"


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
    """What a role's variables are where nobody says otherwise."""
    return _read(role / DEFAULTS)


def of_prepare(project: Path) -> list[str]:
    """The roles that a machine is made of, in order: those of playbooks/prepare.yml. A role's variables begin with its
    name: docker_…"""
    (play,) = yaml.safe_load((project / "playbooks" / "prepare.yml").read_text(encoding="utf-8"))
    return [role["role"] for role in play["roles"]]


def _read(path: Path) -> dict[str, Any]:
    """A YAML file as plain data; a file that is not there holds nothing."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.is_file() else {}
