"""A malformed exercise or course is refused by file, line and mend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bancada.course import load_catalog, load_course, proven, read_exercise, require_proven
from bancada.course.lint import lint, new
from bancada.course.models import Seed
from bancada.course.variant import variant_of
from bancada.words.errors import UsageError

Edit = Callable[[str, str, str], None]


def said(exercises: Path) -> str:
    """The one thing that is wrong with demo/first."""
    (problem,) = lint(exercises, ["demo/first"])
    return str(problem)


def test_a_whole_folder_has_no_problem(exercises: Path) -> None:
    assert lint(exercises, []) == []
    assert set(load_catalog(exercises)) == {"demo/first"}


def test_unknown_key_names_file_line_and_key(exercises: Path, edit: Edit) -> None:
    edit("exercise.yml", "minutes: 15", "minuts: 15\nminutes: 15")
    assert "exercise.yml:9: There is no key 'minuts'. Take it out, or mend its spelling." in said(exercises)


def test_missing_language_is_refused_with_its_line(exercises: Path, edit: Edit) -> None:
    edit("exercise.yml", "  pt-BR: Done o título\n", "")
    assert "exercise.yml:1: title.pt-BR is missing. Add 'pt-BR'." in said(exercises)


def test_hint_for_no_test_is_refused_and_the_tests_are_named(exercises: Path, edit: Edit) -> None:
    edit(
        "exercise.yml",
        "  test_the_effect:",
        "  test_another:\n    - {en: a, pt-BR: b}\n    - {en: c, pt-BR: d}\n  test_the_effect:",
    )
    assert "exercise.yml:14: A hint for no test: test_another. The tests are: test_the_effect." in said(exercises)


def test_test_without_a_hint_is_refused(exercises: Path, edit: Edit) -> None:
    edit("exercise.yml", "  test_the_effect:", "  test_other_effect:")
    problems = [str(problem) for problem in lint(exercises, ["demo/first"])]
    assert any("test_the_effect has no hint." in problem for problem in problems)


def test_mistake_that_names_no_test_is_refused(exercises: Path, edit: Edit) -> None:
    edit("mistakes/half-done.sh", "# caught by: test_the_effect\n", "# half done\n")
    problems = [str(problem) for problem in lint(exercises, ["demo/first"])]
    assert problems == [
        f"{exercises}/demo/first/mistakes/half-done.sh:2: It names no test that must catch it. "
        "Begin with: # caught by: test_name"
    ]


def test_mistake_that_names_an_unknown_test_is_refused(exercises: Path, edit: Edit) -> None:
    edit("mistakes/half-done.sh", "caught by: test_the_effect", "caught by: test_nothing")
    assert "half-done.sh:2: It names a test that is not there: test_nothing. The tests are: test_the_effect." in said(
        exercises
    )


def test_too_few_mistakes_are_refused(exercises: Path) -> None:
    (exercises / "demo/first/mistakes/half-done.sh").unlink()
    assert "It has 2 of at least 3 mistakes." in said(exercises)


def test_unknown_need_is_refused_and_the_needs_are_named(exercises: Path, edit: Edit) -> None:
    edit("exercise.yml", "needs: []", "needs: [dcoker]")
    message = said(exercises)
    assert "exercise.yml:7: No role brings the capability dcoker. Did you mean docker?" in message
    edit("exercise.yml", "needs: [dcoker]", "needs: [windows]")
    assert "No role brings the capability windows. There are: docker, qemu, own-kernel." in said(exercises)


def test_a_text_that_cannot_be_filled_in_is_named_by_line(exercises: Path) -> None:
    for name in ("task.en.md", "task.pt-BR.md"):
        file = exercises / "demo/first" / name
        file.write_text(f"{file.read_text()}\n{{{{ variant.nobody }}}}\n")
    first, second = lint(exercises, ["demo/first"])
    lines = len((exercises / "demo/first/task.en.md").read_text().splitlines())
    assert str(first).startswith(f"{exercises}/demo/first/task.en.md:{lines}: task.en.md cannot be filled in")
    assert "nobody" in str(first) and second.file.name == "task.pt-BR.md"


def test_broken_yaml_names_file_line_and_column(exercises: Path, edit: Edit) -> None:
    edit("exercise.yml", "minutes: 15", "minutes: 15\n bad: [")
    problem = str(lint(exercises, ["demo/first"])[0])
    assert "exercise.yml:10: This is not YAML" in problem and "column" in problem


def test_broken_python_names_file_and_line(exercises: Path, edit: Edit) -> None:
    edit("test_exercise.py", "def test_the_effect", "def def test_the_effect")
    assert "test_exercise.py:9: This is not Python" in str(lint(exercises, ["demo/first"])[0])


@pytest.mark.parametrize("name", ["test_exercise.py", "task.pt-BR.md", "solution.sh", "exercise.yml"])
def test_file_that_is_not_utf8_is_named(exercises: Path, name: str) -> None:
    """As an editor writes it that was told so: ç in one byte."""
    file = exercises / "demo/first" / name
    file.write_bytes(file.read_bytes() + "# Começo\n".encode("latin-1"))
    assert f"{name}: It is not UTF-8." in str(lint(exercises, ["demo/first"])[0])
    with pytest.raises(UsageError, match="not UTF-8"):
        load_catalog(exercises)


def test_check_without_a_test_is_refused(exercises: Path, edit: Edit) -> None:
    edit("test_exercise.py", "def test_the_effect", "def the_effect")
    assert any("It has no test" in str(problem) for problem in lint(exercises, ["demo/first"]))


@pytest.mark.parametrize("name", ["solution.sh", "test_exercise.py", "task.en.md", "task.pt-BR.md"])
def test_missing_file_is_named(exercises: Path, name: str) -> None:
    (exercises / "demo/first" / name).unlink()
    assert any(f"{name} is missing." in str(problem) for problem in lint(exercises, ["demo/first"]))


def test_texts_with_other_headings_code_or_placeholders_are_refused(exercises: Path, edit: Edit) -> None:
    edit("task.pt-BR.md", "## Por quê", "### Por quê")
    assert "headings differ" in said(exercises)
    edit("task.pt-BR.md", "### Por quê", "## Por quê\n\n```\nlsns\n```")
    assert "code blocks differ" in said(exercises)
    edit("task.pt-BR.md", "\n```\nlsns\n```", "\n{{ variant.hostname }}")
    assert "placeholders differ" in said(exercises)


def test_comments_in_code_blocks_may_be_translated(exercises: Path, edit: Edit) -> None:
    edit("task.en.md", "## Why", "## Why\n\n```\n# look\nlsns\n```")
    edit("task.pt-BR.md", "## Por quê", "## Por quê\n\n```\n# olhe\nlsns\n```")
    assert lint(exercises, []) == []


def test_message_with_other_placeholders_in_one_language_is_refused(exercises: Path, edit: Edit) -> None:
    edit("test_exercise.py", '"Done o que o kernel diz"', '"Done o que {quem} diz"')
    assert "T(…) uses [] in English and ['quem'] in Portuguese." in said(exercises)


def test_message_without_a_value_is_refused(exercises: Path, edit: Edit) -> None:
    edit("test_exercise.py", '"Done what the kernel says", "Done o que o kernel diz"', '"{n} a", "{n} b"')
    assert "T(…) has no value for ['n']." in said(exercises)


def test_one_hint_only_is_told_by_lint(exercises: Path, edit: Edit) -> None:
    edit("exercise.yml", "    - en: Done nearly there\n      pt-BR: Done quase lá\n", "")
    assert "test_the_effect has 1 hint" in said(exercises)


def test_new_folder_lacks_only_texts_and_tests(tmp_path: Path) -> None:
    new(tmp_path, "demo/second")
    problems = lint(tmp_path, [])
    assert problems and {problem.what for problem in problems} == {"Still to write."}


def test_new_never_touches_an_existing_folder(exercises: Path) -> None:
    with pytest.raises(UsageError, match="There is an exercise demo/first already"):
        new(exercises, "demo/first")


@pytest.mark.parametrize("name", ["first", "Demo/First", "a/b/c", "../x/y", "demo/"])
def test_new_refuses_a_name_that_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is no name of an exercise"):
        new(tmp_path, name)


def test_malformed_folder_stops_loading_with_the_next_command(exercises: Path, edit: Edit) -> None:
    edit("exercise.yml", "points: 10", "points: many")
    with pytest.raises(UsageError) as error:
        load_catalog(exercises)
    assert error.value.where.endswith("exercise.yml:10")
    assert error.value.next == "./bancada lint demo/first"


def test_unproven_exercise_does_not_load(exercises: Path, edit: Edit) -> None:
    with pytest.raises(UsageError, match="demo/first is not proven") as error:
        require_proven(load_catalog(exercises).values())
    assert error.value.next == "./bancada prove -e demo/first"
    exercise, _ = read_exercise(exercises / "demo/first")
    assert exercise is not None
    proof = exercises / "demo/first/proof.json"
    proof.write_text(f'{{"digest": "{exercise.digest}"}}')
    require_proven(load_catalog(exercises).values())
    edit("solution.sh", "Done", "Changed")
    with pytest.raises(UsageError, match=r"files as they are now\.\n"):
        require_proven(load_catalog(exercises).values())


def test_what_changed_since_the_proof_is_named(exercises: Path, edit: Edit) -> None:
    exercise, _ = read_exercise(exercises / "demo/first")
    assert exercise is not None
    proven.note(exercise.folder, exercise.content, "3/3")
    require_proven(load_catalog(exercises).values())
    edit("solution.sh", "Done", "Changed")
    (exercise.folder / "probe.py").touch()
    gone = exercise.mistakes[0].script
    gone.rename(gone.with_name("other.sh"))
    since = f"mistakes/{gone.name} is gone, mistakes/other.sh is new, probe.py is new, solution.sh changed"
    with pytest.raises(UsageError, match=rf"files as they are now \({since}\)\.\n"):
        require_proven(load_catalog(exercises).values())


def test_unknown_course_names_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "docker.yml").write_text("")
    with pytest.raises(UsageError, match=r"There is no course 'dokcer'. The courses: docker."):
        load_course(tmp_path, "dokcer", {})


def test_course_with_an_unknown_exercise_names_the_line(exercises: Path, tmp_path: Path) -> None:
    (tmp_path / "c.yml").write_text("title: {en: a, pt-BR: b}\nexercises:\n  - demo/first\n  - demo/none\n")
    with pytest.raises(UsageError, match="lists an exercise that is not there: 'demo/none'") as error:
        load_course(tmp_path, "c", load_catalog(exercises))
    assert error.value.where.endswith("c.yml:4")


@pytest.mark.parametrize(
    "wrong",
    [{}, {"prefix": "a", "between": [1, 2]}, {"between": [3, 2]}, {"choose": ["one"]}, {"prefix": "a", "letters": 1}],
)
def test_seed_that_cannot_be_drawn_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Seed.model_validate(wrong)


def test_variant_is_the_seats_own_and_never_changes(exercises: Path, edit: Edit) -> None:
    edit(
        "exercise.yml",
        "seeds: {}",
        "seeds: {name: {prefix: x-}, port: {between: [8000, 8999]}, word: {choose: [a, b]}}",
    )
    exercise = load_catalog(exercises)["demo/first"]
    drawn = [variant_of(exercise, f"seat-{n:02}", b"secret").as_dict() for n in range(40)]
    assert drawn == [variant_of(exercise, f"seat-{n:02}", b"secret").as_dict() for n in range(40)]
    assert len({str(values["name"]) for values in drawn}) == 40
    assert all(str(values["name"]).startswith("x-") and 8000 <= int(values["port"]) <= 8999 for values in drawn)
    assert {values["word"] for values in drawn} == {"a", "b"}
    assert drawn[0] != variant_of(exercise, "seat-00", b"other secret").as_dict()
