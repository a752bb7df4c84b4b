"""`bancada test` itself: whatever keeps tests from running is a failure that names the part."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bancada.prove import testing
from bancada.prove.testing import Outcome, Part
from bancada.reach.paths import Project

CASES = "<testsuites><testsuite>{}</testsuite></testsuites>"
ONE = '<testcase classname="tests.a.test_one" name="test_it"/>'
TWO = '<testcase classname="tests.a.test_two.TestThat" name="test_it">{}</testcase>'

Ran = Callable[..., tuple[int, str]]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ran:
    """ran(code, report) runs one part that does no more than to leave this report and to end so; what was told."""
    monkeypatch.setenv("BANCADA_STATE", str(tmp_path))

    def run(code: int, report: str | None, before: str = "") -> tuple[int, str]:
        xml = tmp_path / "test-reports" / "part.xml"
        script = f"import sys, time, pathlib\n{before}\n"
        script += f"pathlib.Path({str(xml)!r}).write_text({report!r})\n" if report is not None else ""
        part = Part(
            "the part",
            [sys.executable, "-c", f"{script}sys.exit({code})"],
            xml,
            frozenset({"tests.a.test_one", "tests.a.test_two"}),
        )
        monkeypatch.setattr(testing, "_lanes", lambda *_: [[part]])
        return testing.run_all(fast=False, whole=False), capsys.readouterr().out

    return run


def test_all_is_well(ran: Ran) -> None:
    code, told = ran(0, CASES.format(ONE + TWO.format("")))
    assert code == 0 and told.endswith("2 passed, 0 failed, 0 skipped\n")
    assert "the part: 2 passed, 0 failed, 0 skipped in 0 s" in told


def test_what_a_person_tells_pytest_leaves_no_test_out(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing")
    _, told = ran(0, CASES.format(ONE), "import os; print('told', os.environ.get('PYTEST_ADDOPTS'))")
    assert "told None\n" in told


@pytest.mark.parametrize("name", ["YES", "INVENTORY", "EXERCISES", "COURSES", "MOMENT"])
def test_what_this_command_is_told_is_no_word_for_a_test(ran: Ran, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """`./bancada --yes test`, as the bootstrap advises it, agrees to nothing in a test."""
    monkeypatch.setenv(f"BANCADA_{name}", "1")
    _, told = ran(0, CASES.format(ONE), f"import os; print('told', os.environ.get('BANCADA_{name}'))")
    assert "told None\n" in told


def test_a_part_of_which_all_is_skipped_is_named(ran: Ran) -> None:
    code, told = ran(0, CASES.format(ONE.replace("/>", "><skipped message='no seat'/></testcase>")))
    assert code == 1 and "FAILED: the part: all of its tests were skipped, which shows nothing\n" in told


def test_a_failed_test_is_named_in_the_end(ran: Ran) -> None:
    code, told = ran(1, CASES.format(ONE + TWO.format("<failure/>")))
    assert code == 1 and "FAILED: tests.a.test_two.TestThat.test_it\n" in told
    assert told.endswith("1 passed, 1 failed, 0 skipped\n")


def test_at_the_end_a_failure_says_why(ran: Ran) -> None:
    said = "\n".join(f"line {number}" for number in range(200))
    _, told = ran(1, CASES.format(ONE + TWO.format(f"<failure>{said}</failure>")))
    assert "what tests.a.test_two.TestThat.test_it said\nline 120\n" in told and "line 199\n\n=== summary" in told
    _, told = ran(2, None, f"print({said!r})")
    assert "what the part said\nline 120\n" in told and "line 199\n\n=== summary" in told


def test_a_test_whose_setting_up_broke_has_failed(ran: Ran) -> None:
    code, told = ran(1, CASES.format(ONE + TWO.format('<error message="no seat"/>')))
    assert code == 1 and told.endswith("1 passed, 1 failed, 0 skipped\n")
    assert "what tests.a.test_two.TestThat.test_it said\nno seat\n" in told


def test_a_part_that_cannot_be_run_has_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    """The others are told of all the same, and nothing that was said yesterday is."""
    monkeypatch.setenv("BANCADA_STATE", str(tmp_path))
    reports = tmp_path / "test-reports"
    reports.mkdir()
    (reports / "lost.log").write_text("yesterday")
    report = reports / "part.xml"
    write = f"import pathlib; pathlib.Path({str(report)!r}).write_text({CASES.format(ONE)!r})"
    lost = Part("the lost", ["/not/there"], reports / "lost.xml", frozenset())
    well = Part("the part", [sys.executable, "-c", write], report, frozenset({"tests.a.test_one"}))
    monkeypatch.setattr(testing, "_lanes", lambda *_: [[lost, well]])
    monkeypatch.setattr(testing, "_run", broken_for("the lost", testing._run))
    assert testing.run_all(fast=False, whole=False) == 1
    told = capsys.readouterr().out
    assert "FAILED: the lost: it could not be run: " in told and "yesterday" not in told
    assert "the part: 1 passed, 0 failed, 0 skipped" in told


def test_why_a_part_broke_stands_nearest_to_the_summary(capsys: Any) -> None:
    broken = Outcome(1, troubles=["it left no report"], said=[("molecule", "no seat\nas the network is down")])
    failed = Outcome(1, failed=["tests.a.test_it"], said=[("tests.a.test_it", "False")])
    testing._conclude({"molecule": broken, "end to end": failed})
    told = capsys.readouterr().out
    assert "what tests.a.test_it said" in told and "as the network is down\n\n=== summary" in told


def broken_for(name: str, run: Callable[..., None]) -> Callable[..., None]:
    """Runs parts but this one, whose words cannot be kept."""

    def tried(project: Project, reports: Path, part: Part, outcome: Outcome) -> None:
        if part.name == name:
            raise OSError(28, "No space left on device")
        run(project, reports, part, outcome)

    return tried


def test_a_skip_tells_its_reason(ran: Ran) -> None:
    code, told = ran(0, CASES.format(ONE + TWO.format('<skipped message="no disk"/>')))
    assert code == 0 and "skipped: tests.a.test_two.TestThat.test_it: no disk\n" in told
    assert told.endswith("1 passed, 0 failed, 1 skipped\n")


@pytest.mark.parametrize(
    ("ended", "report", "why"),
    [
        (0, None, "it left no report"),
        (0, "<half", "it left no report"),
        (0, CASES.format(""), "none of their tests ran: tests.a.test_one, tests.a.test_two"),
        (0, CASES.format(ONE), "none of their tests ran: tests.a.test_two"),
        (3, CASES.format(ONE + TWO.format("")), "it ended with 3, and no failed test says why"),
        (-9, None, "it left no report"),
    ],
)
def test_a_part_that_did_not_do_its_work_has_failed_by_name(ran: Ran, ended: int, report: str | None, why: str) -> None:
    code, told = ran(ended, report)
    assert code == 1 and f"FAILED: the part: {why}" in told
    assert " 0 failed" not in told.splitlines()[-1]


def test_a_report_of_an_earlier_run_is_none(ran: Ran) -> None:
    assert ran(0, CASES.format(ONE + TWO.format("")))[0] == 0
    assert ran(0, None)[0] == 1


def test_a_part_that_says_nothing_is_told_to_be_at_its_last_word(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "QUIET_SECONDS", 0)
    silent = "print('test_begun', end='', flush=True); time.sleep(3)"
    _, told = ran(0, CASES.format(ONE + TWO.format("")), silent)
    assert "s at: test_begun\n" in told


def test_each_file_of_tests_is_in_one_part_and_those_that_boot_machines_in_the_long_form_alone() -> None:
    def files(*, whole: bool) -> list[str]:
        lanes = testing._lanes(Project.here(), Path("x"), fast=False, whole=whole)
        return sorted(name for lane in lanes for part in lane for name in part.files)

    long = {
        "e2e.test_proxy",
        "e2e.test_vagrant",
        "vm.test_kernel_role",
        "states.test_docker_source",
        "hosts.test_lesson",
    }
    every = {f"{file.parent.name}.{file.stem}" for file in Project.here().root.glob("tests/*/test_*.py")}
    assert long < every
    assert files(whole=True) == sorted(f"tests.{name}" for name in every)
    assert files(whole=False) == sorted(f"tests.{name}" for name in every - long)


def test_tests_that_are_long_by_themselves_are_left_to_the_long_form() -> None:
    for lane in testing._lanes(Project.here(), Path("x"), fast=False, whole=False):
        for part in lane:
            assert ("not whole" in part.argv) == ("pytest" in part.argv), part
    for lane in testing._lanes(Project.here(), Path("x"), fast=False, whole=True):
        for part in lane:
            assert "not whole" not in part.argv, part
