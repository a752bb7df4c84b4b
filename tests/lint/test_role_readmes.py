"""Every role says which variables it takes, in one voice: argument_specs, defaults, README, and both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bancada.reach.paths import ROOT
from bancada.roles import argument_specs, defaults, roles
from role_readme import render

ROLES = roles(ROOT / "roles")
every_role = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)


def test_there_are_roles() -> None:
    assert ROLES


@every_role
def test_readme_is_what_the_specs_say(role: Path) -> None:
    readme = role / "README.md"
    written = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    assert written == render(role), f"{readme} lags; type: .venv/bin/python tools"


@every_role
def test_defaults_and_specs_are_the_same(role: Path) -> None:
    values = defaults(role)
    documented: set[str] = set()
    for entry, spec in argument_specs(role).items():
        options = spec.get("options") or {}
        documented |= options.keys()
        optional = {name: option.get("default") for name, option in options.items() if not option.get("required")}
        given = {name: values[name] for name in options if name in values}
        # A default computed from facts may be in defaults only: Ansible computes the specs before the facts are there.
        for name in [name for name, value in given.items() if "{{" in str(value)]:
            assert optional.pop(name, None) in (None, given.pop(name)), f"{role.name}: two defaults of {name}"
        assert given == optional, f"{role.name}: defaults/main.yml (left) and the spec of {entry} (right) differ"
    assert values.keys() <= documented, f"{role.name}: in defaults/main.yml but in no entry point's spec"


@every_role
def test_variables_begin_with_the_name_of_the_role(role: Path) -> None:
    names = defaults(role).keys() | {
        name for spec in argument_specs(role).values() for name in spec.get("options") or {}
    }
    strangers = sorted(name for name in names if not name.startswith(f"{role.name}_"))
    assert not strangers, f"{role.name}: these do not begin with {role.name}_: {', '.join(strangers)}"


@every_role
def test_templates_in_two_languages_use_the_same_placeholders(role: Path) -> None:
    names = {path.name.split(".")[0] for path in role.glob("templates/*.en.*")}
    names |= {path.name.split(".")[0] for path in role.glob("templates/*.pt-BR.*")}
    for name in names:
        found = {}
        for language in ("en", "pt-BR"):
            template = next(role.glob(f"templates/{name}.{language}.*"), None)
            assert template, f"{role.name}/templates/{name}: not there in {language}"
            text = template.read_text(encoding="utf-8")
            found[language] = sorted(re.findall(rf"\b{role.name}_\w+", " ".join(re.findall(r"\{[{%].*?[%}]\}", text))))
        assert found["en"] == found["pt-BR"], f"{role.name}/templates/{name}: the languages differ"
