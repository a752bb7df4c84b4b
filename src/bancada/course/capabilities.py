"""What machines can do because a role brought it. Each is declared once, in its role: `meta/capability.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bancada.course.needs import Capability
from bancada.reach.paths import Project
from bancada.reach.yamlfile import read
from bancada.words.errors import UsageError

FILE = "meta/capability.yml"


@cache
def capabilities() -> Mapping[str, Capability]:
    """Those of the project's roles, by name."""
    return read_capabilities(Project.here().roles)


def read_capabilities(roles: Path) -> Mapping[str, Capability]:
    """Those that these roles bring, by name. Raises UsageError for the first that is not whole, or is there twice."""
    found: dict[str, Capability] = {}
    for path in sorted(roles.glob(f"*/{FILE}")):
        capability, problems = read(path, Capability)
        if capability is None:
            raise UsageError(f"{problems[0].what} {problems[0].mend}", where=problems[0].where)
        if capability.name in found:
            raise UsageError(f"Two roles bring the capability {capability.name}.", where=str(path))
        found[capability.name] = capability
    return found
