"""Rooms import one way, nobody knows two providers, and docs/architecture.md draws what the imports say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from test_linters import ROOT, files

from architecture import PACKAGE, PAGE, Import, arrows, edges, imports, order, ours, render

MODULES = ours()
IMPORTS = list(imports(MODULES))
ROOMS = order(PAGE.read_text(encoding="utf-8"))
PROVIDERS = "bancada.providers"


def goes_up(rooms: list[str], found: list[Import]) -> list[str]:
    """The imports against the order of the rooms, as a person reads them."""
    return [
        f"{one.where} imports {one.imported}: {above} stands above {below}"
        for (below, above), between in edges(found).items()
        if rooms.index(above) < rooms.index(below)
        for one in between
    ]


def look_into_a_provider(folders: set[str], found: list[Import]) -> list[str]:
    """The imports from a provider's own folder that lie elsewhere. Only the package of all providers, which names them
    so that one can be chosen, may know one: so nobody knows two."""
    return [
        f"{one.where} imports {one.imported}"
        for one in found
        for provider in folders
        if f"{one.imported}.".startswith(f"{PROVIDERS}.{provider}.")
        and not f"{one.importer}.".startswith(f"{PROVIDERS}.{provider}.")
        and one.importer != PROVIDERS
    ]


def test_each_room_has_its_sentence_and_each_sentence_its_room() -> None:
    there = {name.split(".")[1] for name in MODULES if name != PACKAGE.name}
    assert sorted(ROOMS) == sorted(there), "see the table of docs/architecture.md"


def test_rooms_import_only_from_rooms_below_them() -> None:
    wrong = goes_up(ROOMS, IMPORTS)
    assert not wrong, "\n".join(wrong)


def test_the_package_itself_imports_nothing_of_its_own() -> None:
    assert not [one.where for one in IMPORTS if one.importer == PACKAGE.name and one.imported in MODULES]


def test_a_provider_is_known_to_nobody_but_its_own_folder() -> None:
    folders = {path.name for path in (PACKAGE / "providers").iterdir() if (path / "__init__.py").is_file()}
    assert len(folders) >= 3
    wrong = look_into_a_provider(folders, IMPORTS)
    assert not wrong, "\n".join(wrong)


def test_nothing_in_the_package_imports_tests_or_tools() -> None:
    theirs = {word for name in files("tests/*.py", "tools/*.py") for word in Path(name).with_suffix("").parts}
    strangers = theirs - sys.stdlib_module_names
    assert {"tests", "test_linters", "architecture"} <= strangers
    assert not [one.where for one in IMPORTS if one.imported.split(".")[0] in strangers]


def test_picture_is_what_the_imports_say() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == render(page), f"{PAGE.relative_to(ROOT)} lags; type: .venv/bin/python tools"


# That the above would be seen


@pytest.fixture
def package(tmp_path: Path) -> Path:
    sources = {
        "__init__.py": "",
        "high/__init__.py": "from ..low import thing\nfrom bancada import middle, low\n",
        "high/template/draft.py": "import bancada.nowhere\n",
        "middle.py": "import bancada.low.deep\n\ndef late() -> None:\n    from tests import conftest\n",
        "low/__init__.py": "",
        "low/deep.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from bancada.middle import late\n",
    }
    for name, text in sources.items():
        path = tmp_path / "bancada" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "bancada"


def test_imports_are_seen_in_whichever_way_they_are_written(package: Path) -> None:
    found = list(imports(ours(package)))
    assert {(one.importer, one.imported) for one in found if one.importer != "bancada.low.deep"} == {
        ("bancada.high", "bancada.low"), ("bancada.high", "bancada.middle"), ("bancada.middle", "bancada.low.deep"),
        ("bancada.middle", "tests"),
    }  # fmt: skip
    assert edges(found).keys() == {("high", "low"), ("high", "middle"), ("middle", "low"), ("low", "middle")}


def test_an_import_that_goes_up_is_named_with_its_line(package: Path) -> None:
    (said,) = goes_up(["high", "middle", "low"], list(imports(ours(package))))
    assert said.endswith("low/deep.py:3 imports bancada.middle: middle stands above low")


def test_an_arrow_that_goes_without_saying_is_not_drawn() -> None:
    pairs = {("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "d"), ("d", "a")}
    assert arrows(["a", "b", "c", "d"], pairs) == [("a", "b"), ("b", "c"), ("c", "d")]


@pytest.mark.parametrize(
    ("importer", "imported", "is_wrong"),
    [
        ("bancada.doctor.computer", "one.files", True),
        ("bancada.doctor.computer", "one", True),
        ("bancada.doctor.computer", "base", False),
        ("bancada.providers.base", "one", True),
        ("bancada.providers.one.files", "two", True),
        ("bancada.providers.one.files", "one.base", False),
        ("bancada.providers.one", "one.files", False),
        ("bancada.providers", "two.files", False),
    ],
)
def test_who_looks_into_a_provider_is_named(importer: str, imported: str, is_wrong: bool) -> None:
    found = [Import("here", importer, f"{PROVIDERS}.{imported}")]
    assert bool(look_into_a_provider({"one", "two"}, found)) == is_wrong
