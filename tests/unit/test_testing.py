"""`bancada test` itself: whatever keeps tests from running is a failure that names the part."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bancada.prove import leftovers, testing
from bancada.prove.lanes import Part, lanes
from bancada.prove.testing import ARTIFACTS, KEEP, KEPT, Outcome
from bancada.reach.paths import Project
from bancada.words.errors import BenchError

CASES = "<testsuites><testsuite>{}</testsuite></testsuites>"
ONE = '<testcase classname="tests.a.test_one" name="test_it"/>'
TWO = '<testcase classname="tests.a.test_two.TestThat" name="test_it">{}</testcase>'

Ran = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[frozenset[str] | BenchError]:
    """What is seen on this computer at each look; the last one counts on. Reports of the run around us stay."""
    monkeypatch.setenv("BANCADA_STATE", str(tmp_path))
    seen: list[frozenset[str] | BenchError] = [frozenset()]

    def look(project: Project) -> frozenset[str]:
        found = seen.pop(0) if len(seen) > 1 else seen[0]
        if isinstance(found, BenchError):
            raise found
        return found

    monkeypatch.setattr(leftovers, "look", look)
    return seen


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ran:
    """ran(code, report) runs one part that does no more than to leave this report and to end so; what was told."""

    def run(code: int, report: str | None, before: str = "", *, keep: bool = False) -> tuple[int, str]:
        xml = tmp_path / "test-reports" / "part.xml"
        script = f"import sys, time, pathlib\n{before}\n"
        script += f"pathlib.Path({str(xml)!r}).write_text({report!r})\n" if report is not None else ""
        part = Part(
            "the part",
            [sys.executable, "-c", f"{script}sys.exit({code})"],
            xml,
            frozenset({"tests.a.test_one", "tests.a.test_two"}),
        )
        monkeypatch.setattr(testing, "lanes", lambda *_, **__: [[part]])
        return testing.run_all(fast=False, whole=False, keep=keep), capsys.readouterr().out

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
    monkeypatch.setattr(testing, "lanes", lambda *_, **__: [[lost, well]])
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

    def tried(project: Project, told: object, part: Part, outcome: Outcome) -> None:
        if part.name == name:
            raise OSError(28, "No space left on device")
        run(project, told, part, outcome)

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
    silent = "print('test_begun', end='', flush=True); time.sleep(1.5)"
    _, told = ran(0, CASES.format(ONE + TWO.format("")), silent)
    assert "s at: test_begun\n" in told


def test_the_slowest_tests_are_told_with_their_seconds(ran: Ran) -> None:
    times = [3.25, 100, *range(20, 0, -2)]
    cases = [
        TWO.format("").replace("test_it", f"test_{time}").replace("<testcase", f'<testcase time="{time}"')
        for time in times
    ]
    skipped = TWO.format('<skipped message="no disk"/>').replace("<testcase", '<testcase time="999"')
    _, told = ran(0, CASES.format(ONE + "".join(cases) + skipped))
    listed = told[told.index("the 10 slowest tests:\n") :].splitlines()[1:11]
    assert listed[0] == "  100.0 s  tests.a.test_two.TestThat.test_100"
    assert [float(line.split()[0]) for line in listed] == sorted(times, reverse=True)[:10]


def test_what_tests_leave_on_the_computer_is_a_failure(ran: Ran, there: list[Any]) -> None:
    there[:] = [frozenset({"container mine"}), frozenset({"container mine", "container t1", "mount /disk"})]
    code, told = ran(0, CASES.format(ONE + TWO.format("")))
    assert code == 1 and "FAILED: left over: container t1\nFAILED: left over: mount /disk\n" in told
    assert "left over: container mine" not in told and told.endswith("2 passed, 2 failed, 0 skipped\n")


@pytest.mark.parametrize("moment", [0, 1], ids=["before", "after"])
def test_where_nobody_can_see_what_is_left_that_is_a_failure(ran: Ran, there: list[Any], moment: int) -> None:
    there[:] = [frozenset(), frozenset()]
    there[moment] = BenchError("podman failed: no room", where="podman ps")
    code, told = ran(0, CASES.format(ONE + TWO.format("")))
    assert code == 1 and "FAILED: what is left over could not be seen: podman failed: no room\n" in told


def test_a_process_that_a_test_started_and_left_is_a_failure(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "ended", partial(leftovers.ended, patience=0.2))
    sleeping = "import subprocess; subprocess.Popen(['sleep', '2.25'], start_new_session=True,"
    sleeping += "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)"
    code, told = ran(0, CASES.format(ONE + TWO.format("")), sleeping)
    assert code == 1 and re.search(r"^FAILED: left over: process \d+: sleep 2\.25$", told, re.MULTILINE), told


def test_where_no_seat_is_wanted_nobody_looks_for_what_is_left(
    monkeypatch: pytest.MonkeyPatch, there: list[Any]
) -> None:
    there[:] = [BenchError("there is no podman")]
    monkeypatch.setattr(testing, "lanes", lambda *_, **__: [])
    assert testing.run_all(fast=True, whole=False) == 0


def test_a_failed_test_tells_where_its_seats_words_are(ran: Ran) -> None:
    properties = '<properties><property name="artifacts" value="/here/it"/></properties><failure>False</failure>'
    _, told = ran(1, CASES.format(ONE + TWO.format(properties)))
    assert "FAILED: tests.a.test_two.TestThat.test_it\n        journal, evidence and log: /here/it\n" in told


def test_what_is_kept_is_told_and_is_not_left_over(ran: Ran, there: list[Any]) -> None:
    there[:] = [frozenset(), frozenset({"container t1", "container t2"})]
    keeps = f"""
import os
assert os.environ["{KEEP}"] == "1"
os.mkdir(os.environ["{ARTIFACTS}"])
pathlib.Path(os.environ["{ARTIFACTS}"], "{KEPT}").write_text("container t1\\tenter: podman exec t1\\n")
"""
    code, told = ran(1, CASES.format(ONE + TWO.format("<failure/>")), keeps, keep=True)
    assert code == 1 and "kept: container t1; enter: podman exec t1\n" in told
    assert "left over: container t2\n" in told and "left over: container t1" not in told


def test_artifacts_of_an_earlier_run_are_gone_and_nothing_is_kept_unasked(ran: Ran, tmp_path: Path) -> None:
    old = tmp_path / "test-artifacts" / "test_of_yesterday"
    old.mkdir(parents=True)
    _, told = ran(0, CASES.format(ONE + TWO.format("")), f"import os; print('kept', repr(os.environ['{KEEP}']))")
    assert not old.exists() and "kept ''\n" in told


def of(form: str, *, keep: bool = False) -> list[list[Part]]:
    return lanes(Project.here(), Path("x"), fast=form == "fast", whole=form == "whole", keep=keep)


def files(form: str) -> list[str]:
    every = [name for lane in of(form) for part in lane for name in part.files]
    return sorted(".".join(name.split(".")[-2:]) for name in every)


HERE = Project.here().root
EVERY = {
    f"{file.parent.name}.{file.stem}"
    for file in (*HERE.glob("tests/*/test_*.py"), *HERE.glob("src/bancada/seats/states/test_*.py"))
}


def test_the_long_form_has_each_file_of_tests_in_one_part() -> None:
    assert files("whole") == sorted(EVERY)


def test_the_short_form_has_the_life_of_a_class_and_leaves_out_what_takes_many_minutes() -> None:
    long = {"e2e.test_vagrant", "vm.test_kernel_role", "hosts.test_lesson", "states.test_docker_source"}
    long |= {name for name in EVERY if name.startswith("e2e.")} - {"e2e.test_life", "e2e.test_bootstrap"}
    assert long < EVERY
    assert files("short") == sorted(EVERY - long)


def test_what_needs_no_seat_is_the_fast_form() -> None:
    assert files("fast") == sorted(name for name in EVERY if name.split(".")[0] in ("lint", "unit", "replay"))


@pytest.mark.parametrize("form", ["fast", "short", "whole"])
def test_each_form_has_two_lanes_whose_parts_have_reports_and_names_of_their_own(form: str) -> None:
    parts = [part for lane in of(form) for part in lane]
    assert len(of(form)) == 2 and all(part.files for part in parts)
    assert len({part.report for part in parts}) == len({part.name for part in parts}) == len(parts)


def test_the_proofs_are_beside_the_roles_and_not_after_them() -> None:
    where = {part.name: number for number, lane in enumerate(of("short")) for part in lane}
    assert where["proofs"] != where["molecule"]


def test_tests_that_are_long_by_themselves_are_left_to_the_long_form() -> None:
    for lane in of("short"):
        for part in lane:
            assert ("not whole" in part.argv) == ("pytest" in part.argv), part
    for lane in of("whole"):
        for part in lane:
            assert "not whole" not in part.argv, part


def test_molecule_keeps_its_seat_only_where_its_tests_fail_and_that_is_asked_for(tmp_path: Path) -> None:
    (states,) = [part for lane in of("short") for part in lane if part.name == "molecule"]
    assert list(states.argv[-2:]) == ["test", "--no-command-borders"]
    (states,) = [part for lane in of("short", keep=True) for part in lane if part.name == "molecule"]
    molecule = tmp_path / "molecule"
    molecule.write_text('#!/bin/sh\necho "$1" >>"$0.did"\n[ "$1" != test ] || exit "$FAILS"\n')
    molecule.chmod(0o755)
    for fails, did in (("0", "destroy test destroy"), ("1", "destroy test")):
        done = subprocess.run([*states.argv[:4], molecule], env={**os.environ, "FAILS": fails}, check=False)
        assert str(done.returncode) == fails
        assert Path(f"{molecule}.did").read_text().split() == did.split()
        Path(f"{molecule}.did").unlink()
