"""The documentation speaks two languages, names every verb and variable, and no link of it leads nowhere."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath

import pytest
from test_linters import ROOT, files

from bancada.cli.main import cli
from bancada.course.texts import compare_texts
from bancada.inventory import SeatVariables

LANGUAGES = ("en", "pt-BR")
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")
HAS_SCHEME = re.compile(r"^[a-z]+:")


def guides(*names: str) -> dict[str, str]:
    """The text of these guides, by language."""
    texts = {}
    for language in LANGUAGES:
        paths = [ROOT / "docs" / language / f"{name}.md" for name in names]
        texts[language] = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    return texts


def test_each_guide_is_there_in_both_languages() -> None:
    found = [{PurePosixPath(name).name for name in files(f"docs/{language}/*.md")} for language in LANGUAGES]
    assert found[0] == found[1]
    assert {"instructor.md", "student.md", "author.md"} <= found[0]


@pytest.mark.parametrize("name", ["README.md", "SECURITY.md", *files("docs/en/*.md")])
def test_both_languages_have_the_same_headings_and_code_blocks(name: str) -> None:
    guide = name.startswith("docs/en/")
    other = name.replace("docs/en/", "docs/pt-BR/") if guide else name.replace(".md", ".pt-BR.md")
    assert (ROOT / other).is_file()
    assert not [str(problem) for problem in compare_texts(ROOT / name, ROOT / other)]


@pytest.mark.parametrize("name", files("*.md"))
def test_links_lead_to_files_of_the_repository(name: str) -> None:
    # Compared with what git lists, so that a file that only this checkout has does not count.
    there = {str(parent) for file in files() for parent in (PurePosixPath(file), *PurePosixPath(file).parents)}
    folder = PurePosixPath(name).parent
    targets = [target for target in LINK.findall((ROOT / name).read_text(encoding="utf-8")) if target]
    relative = [target for target in targets if not HAS_SCHEME.match(target)]
    assert not [target for target in relative if os.path.normpath(folder / target) not in there]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verb", sorted(cli.commands))
def test_verb_is_documented(verb: str, language: str) -> None:
    assert re.search(rf"\./bancada {verb}\b", guides("instructor", "author")[language])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("variable", SeatVariables.model_fields)
def test_variable_of_the_inventory_is_documented(variable: str, language: str) -> None:
    assert f"| `{variable}` |" in guides("instructor")[language]
