"""Why an inventory could not be read: which file, which line. Ansible tells all that it tried, and not always where."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from bancada.reach.yamlfile import Loader
from bancada.words.errors import UsageError

MEND = "mend it there, then type the same command again"


def unreadable(inventory: Path, files: Iterable[Path], said: str) -> UsageError:
    """For an inventory of these files, of which Ansible `said` that it cannot be read."""
    for file in files:
        if file.suffix in (".yml", ".yaml") or file.parent.name in ("group_vars", "host_vars"):
            try:
                if twice := _given_twice(yaml.compose(file.read_bytes(), Loader)):
                    what = f"{twice.value} is given twice in the inventory."
                    return UsageError(what, where=_place(file, twice.start_mark), next=MEND)
            except yaml.MarkedYAMLError as error:
                where = _place(file, error.problem_mark or error.context_mark)
                return UsageError(f"The inventory is not YAML: {error.problem}.", where=where, next=MEND)
            except yaml.YAMLError as error:
                return UsageError(f"The inventory is not YAML: {error}.", where=str(file), next=MEND)
    # Every plugin of Ansible's tries each file, and complains: of a file in YAML, only the one for YAML tells.
    reasons = dict(re.findall(r"Failed to parse inventory with '(\w+)' plugin: (.*)", said))
    source = re.search(r"Unable to parse (.*) as an inventory source", said)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    in_yaml = source is not None and source[1].endswith((".yml", ".yaml"))
    why = (in_yaml and reasons.get("yaml")) or " ".join([*reasons.values(), *lines][-1:])
    why = re.sub(r', found "<class .*?>" instead', "", why).removeprefix("[ERROR]: ").rstrip(".")
    return UsageError(f"The inventory cannot be read: {why}.", where=source[1] if source else str(inventory), next=MEND)


def _place(file: Path, mark: yaml.Mark | None) -> str:
    return f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else str(file)


def _given_twice(document: yaml.Node | None) -> yaml.Node | None:
    """A key that its mapping already has; Ansible tells its name, and not always where it stands."""
    waiting, met = [document], set()
    while waiting:
        node = waiting.pop()
        if id(node) in met:  # YAML's aliases can make a circle
            continue
        met.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            pairs: list[tuple[yaml.Node, yaml.Node]] = node.value
            names = [key.value for key, _ in pairs]
            for number, (key, value) in enumerate(pairs):
                if key.value in names[:number]:
                    return key
                waiting.append(value)
    return None
