"""The README that is made from a role's argument_specs."""

from __future__ import annotations

from pathlib import Path

import pytest

from bancada.words.errors import Exit, UsageError
from role_readme import render, write

SPECS = """
argument_specs:
  main:
    short_description: Tend a garden
    description: [Waters it., Weeds it.]
    options:
      garden_water: {type: str, choices: [rain, tap], default: rain, description: Where from | how.}
      garden_name: {type: str, required: true, description: Which garden.}
      garden_tools: {type: list, elements: str, description: What with., default: &tools [rake, spade, hoe, fork,
        trowel, shears, barrow, hose, gloves]}
      garden_gate: {type: path, description: Shut by C(gate --shut) where O(garden_name) is V(mine); not ABC(this).}
      garden_beds:
        type: dict
        description: The beds.
        options:
          size: {type: int, default: 3, description: In metres.}
  seat:
    short_description: Sit down
    options: {}
"""
DEFAULTS = """
garden_water: rain
garden_tools: [rake, spade, hoe, fork, trowel, shears, barrow, hose, gloves]
garden_beds: {}
"""


@pytest.fixture
def role(tmp_path: Path) -> Path:
    folder = tmp_path / "garden"
    for name, text in (("meta/argument_specs.yml", SPECS), ("defaults/main.yml", DEFAULTS)):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_title_and_descriptions_come_first(role: Path) -> None:
    text = render(role)
    assert text.startswith("# Role `garden`\n")
    assert "Tend a garden.\n\nWaters it.\n\nWeeds it.\n" in text


@pytest.mark.parametrize(
    "row",
    [
        "| `garden_water` | str | `rain` | `rain`, `tap` | no | Where from \\| how. |",
        "| `garden_name` | str |  |  | yes | Which garden. |",
        "| `garden_tools` | list of str | see [defaults/main.yml](defaults/main.yml) |  | no | What with. |",
        "| `garden_gate` | path |  |  | no | Shut by `gate --shut` where `garden_name` is `mine`; not ABC(this). |",
        "| `garden_beds` | dict | `{}` |  | no | The beds. |",
        "| `garden_beds.size` | int | `3` |  | no | In metres. |",
    ],
)
def test_each_variable_has_its_row(role: Path, row: str) -> None:
    assert row in render(role).splitlines()


def test_example_of_main_gives_what_is_required(role: Path) -> None:
    assert "  roles:\n    - role: garden\n      vars:\n        garden_name: …\n```" in render(role)


def test_example_of_another_entry_point_includes_it(role: Path) -> None:
    after = render(role).partition("## Entry point `seat`")[2]
    assert "Sit down.\n\nIt takes no variables." in after
    assert "        name: garden\n        tasks_from: seat\n```" in after


def test_role_without_specs_is_told_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        render(tmp_path / "bare")
    assert "The role bare does not say which variables it takes." in str(caught.value)
    assert "meta/argument_specs.yml" in str(caught.value)


def test_one_role_without_specs_keeps_no_other_from_its_readme(role: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (role.parent / "bare").mkdir()
    assert write(role.parent) is Exit.USAGE
    assert "The role bare does not say" in capsys.readouterr().err
    assert (role / "README.md").read_text(encoding="utf-8") == render(role)
