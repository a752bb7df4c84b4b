"""A failed test on seats leaves what they say, whatever comes of asking; and its seats, where that is asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import artifacts
import pytest
from artifacts import Seats, file_name
from classes import Bancada, Shared, make_class

from bancada.prove.testing import ARTIFACTS, KEEP, KEPT
from bancada.reach.paths import ROOT, ClassState

PODMAN = """#!/bin/sh
echo "$*" >>"$0.asked"
case "$*" in
ps*) for name in $(cat "$0.seats"); do echo "$name"; done ;;
*journalctl*) [ ! -e "$0.broken" ] || { echo "no such container" >&2; exit 125; }; echo "the journal of $2" ;;
*"ls -d"*) printf 'namespaces/uts\\nchroot/a b\\n' ;;
*collect*) cat >/dev/null; for last; do :; done; echo "looked for $last" ;;
esac
"""
BROKEN_PODMAN = "#!/bin/sh\nkill -9 $$\n"
CONFTEST = """
import pytest
from artifacts import Seats, pytest_collection_finish, pytest_runtest_makereport, pytest_terminal_summary
from classes import make_class
class Lent:
    def __init__(self, bancada): self.bancada = bancada
@pytest.fixture
def fresh(tmp_path):
    with make_class(tmp_path, "t1").standing() as bancada:
        yield bancada
@pytest.fixture
def lent(fresh):
    return Lent(fresh)
@pytest.fixture
def broken(tmp_path):
    with make_class(tmp_path, "t1").standing() as bancada:
        raise ValueError("it does not come up")
        yield
"""
TESTS = """
import classes
classes.Bancada.__call__ = lambda self, *words: classes.subprocess.CompletedProcess(words, 0, "", "")
def test_well(fresh): fresh.seats.containers = lambda: []
def test_fails(fresh): assert fresh.name == "another"
def test_lent(lent): assert not lent
def test_broken(broken): pass
def test_no_seat(): assert False
"""
NAME = "bancada-t1-seat-01"


@pytest.fixture
def podman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name, in PATH, that tells of one seat of class t1 and of another's."""
    program = tmp_path / "bin" / "podman"
    program.parent.mkdir()
    program.write_text(PODMAN)
    program.chmod(0o755)
    program.with_name("podman.seats").write_text(f"{NAME} bancada-t12-seat-01")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(artifacts, "as_root", list)
    monkeypatch.setattr(artifacts, "_kept", [])
    monkeypatch.setenv(ARTIFACTS, str(tmp_path / "left"))
    monkeypatch.setenv(KEEP, "")
    return program


@pytest.fixture
def seats(tmp_path: Path, podman: Path) -> Seats:
    state = tmp_path / "state" / "classes" / "t1"
    state.mkdir(parents=True)
    (state / "commands.log").write_text("podman start\n")
    return Seats("t1", state)


def left(place: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in place.iterdir()}


def test_journal_evidence_and_log_of_each_seat_are_put_down(seats: Seats, tmp_path: Path) -> None:
    place = artifacts.leave(seats, "tests/e2e/test_a.py::test_b")
    assert place == tmp_path / "left" / "tests_e2e_test_a.py.test_b"
    assert left(place) == {
        "t1.log": "podman start\n",
        f"{NAME}.journal": f"the journal of {NAME}\n",
        f"{NAME}.evidence.json": 'looked for {"exercises_root": "/home/student/exercises",'
        ' "exercises": ["namespaces/uts"]}\n',
    }


def test_what_cannot_be_had_says_why_and_the_rest_is_there(seats: Seats, podman: Path) -> None:
    podman.with_name("podman.broken").touch()
    (seats.state / "commands.log").unlink()
    found = left(artifacts.leave(seats, "test"))
    assert found[f"{NAME}.journal"] == "no such container\n" and "looked for" in found[f"{NAME}.evidence.json"]
    assert found["t1.log"].startswith("cannot be had: FileNotFoundError")


@pytest.mark.parametrize("hindrance", ["no podman", "no room", "it hangs"])
def test_nothing_hides_the_failure_of_the_test(
    seats: Seats, podman: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hindrance: str
) -> None:
    if hindrance == "no podman":
        monkeypatch.setattr(artifacts, "as_root", lambda argv: ["/not/there"])
    elif hindrance == "no room":
        (tmp_path / "left").write_text("a file where the folder should be")
    else:
        monkeypatch.setattr(artifacts, "SECONDS", 0.2)
        podman.write_text("#!/bin/sh\nexec sleep 60\n")
    artifacts.leave(seats, "test")
    artifacts.keep(seats)


def test_a_later_look_takes_nothing_away(seats: Seats, podman: Path) -> None:
    """A test that failed may fail once more as it is taken down, when its seats are gone."""
    before = left(artifacts.leave(seats, "test"))
    podman.with_name("podman.seats").write_text("")
    (seats.state / "commands.log").unlink()
    assert left(artifacts.leave(seats, "test")) == before


def test_a_test_s_id_is_the_name_of_one_file() -> None:
    ids = ["tests/e2e/a.py::test_b", "tests/e2e/a.py::test_b[x/y]", "tests/e2e/a.py::test_b[x y]", "a" * 300, "a" * 301]
    names = [file_name(one) for one in ids]
    assert len(set(names)) == len(ids) and all("/" not in name and len(name) < 200 for name in names), names


# The hooks, in a run of their own


@pytest.fixture
def run(tmp_path: Path, podman: Path) -> Callable[..., str]:
    """run(report, KEEP="1") runs TESTS; what pytest said."""
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_it.py").write_text(TESTS)

    def running(report: Path, **environment: str) -> str:
        argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--import-mode=importlib", "-o",
                f"pythonpath={ROOT}/src {ROOT}/tests/shared", f"--rootdir={folder}", "-c", os.devnull,
                f"--junitxml={report}"]  # fmt: skip
        env = {**os.environ, **environment}
        return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False).stdout

    return running


def test_each_failed_test_names_the_folder_that_it_left(run: Callable[..., str], tmp_path: Path) -> None:
    said, report = run(tmp_path / "report.xml"), (tmp_path / "report.xml").read_text()
    assert "3 failed" in said and "1 passed" in said, said
    for test in ("test_fails", "test_lent", "test_broken"):
        place = tmp_path / "left" / f"test_it.py.{test}"
        assert f"journal, evidence and log: {place}" in said, said
        assert f'<property name="artifacts" value="{place}"' in report
        assert {"t1.log", f"{NAME}.journal", f"{NAME}.evidence.json"} <= set(left(place))
    assert len(list((tmp_path / "left").iterdir())) == 3, "the others had no seat, or passed"


def test_seats_of_failed_tests_are_kept_where_that_is_asked_for(run: Callable[..., str], tmp_path: Path) -> None:
    said = run(tmp_path / "report.xml", **{KEEP: "1"})
    enter, away = f"podman exec -it {NAME} bash", f"podman rm --force --volumes {NAME}"
    assert said.count(f"container {NAME}; enter: ") == 1 and enter in said and away in said, said
    assert (tmp_path / "left" / KEPT).read_text().startswith(f"container {NAME}\tenter: ")


def test_a_run_by_hand_clears_what_an_earlier_one_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Session:
        items: tuple[str, ...] = ("one",)

        class config:
            class option:
                collectonly = False

    monkeypatch.setattr(artifacts, "folder", lambda: tmp_path / "left")
    (tmp_path / "left" / "test_of_yesterday").mkdir(parents=True)
    monkeypatch.setenv(ARTIFACTS, "of a whole command")
    artifacts.pytest_collection_finish(Session())  # type: ignore[arg-type]
    assert (tmp_path / "left").exists()
    monkeypatch.delenv(ARTIFACTS)
    artifacts.pytest_collection_finish(Session())  # type: ignore[arg-type]
    assert not (tmp_path / "left").exists()


# Taking down


@pytest.fixture
def bancada(tmp_path: Path, podman: Path, monkeypatch: pytest.MonkeyPatch) -> Bancada:
    """A class whose `down` takes its seats away, or ends with the code in the file `code` of its folder."""
    made = make_class(tmp_path / "class", "t1")

    def typed(self: Bancada, *words: str, timeout: float = 0) -> subprocess.CompletedProcess[str]:
        code = int((made.folder / "code").read_text()) if (made.folder / "code").exists() else 0
        if code == 0:
            podman.with_name("podman.seats").write_text("bancada-t12-seat-01")
        return subprocess.CompletedProcess(words, code, "", "it would not go")

    monkeypatch.setattr(Bancada, "__call__", typed)
    monkeypatch.setattr(Bancada, "forget", lambda self: (self.folder / "forgotten").touch())
    return made


def test_a_class_is_taken_down_after_its_test(bancada: Bancada) -> None:
    with bancada.standing():
        assert bancada.containers() == [NAME]
    assert bancada.containers() == [] and (bancada.folder / "forgotten").exists()


def test_where_its_test_breaks_it_is_asked_first_and_taken_down_all_the_same(bancada: Bancada, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mine"), bancada.standing():
        raise ValueError("mine")
    assert bancada.containers() == []
    (place,) = (tmp_path / "left").iterdir()
    assert left(place)[f"{NAME}.journal"] == f"the journal of {NAME}\n"


def test_seats_that_stay_are_a_failure(bancada: Bancada) -> None:
    (bancada.folder / "code").write_text("3")
    with pytest.raises(AssertionError, match="it would not go"):
        bancada.take_down()


def test_a_verb_that_says_that_all_went_well_is_not_believed(bancada: Bancada, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bancada, "__call__", lambda self, *words: subprocess.CompletedProcess(words, 0, "", ""))
    with pytest.raises(AssertionError, match=f"down --all left.*{NAME}"):
        bancada.take_down()


def test_a_class_that_never_had_a_seat_need_not_be_readable(bancada: Bancada, podman: Path) -> None:
    podman.with_name("podman.seats").write_text("")
    (bancada.folder / "code").write_text("2")
    bancada.take_down()


def test_the_folders_for_sockets_go_with_the_class(tmp_path: Path) -> None:
    made = make_class(tmp_path / "class", "t1")
    another = make_class(tmp_path / "other", "t2")
    folders = [ClassState(path).sockets for path in (made.class_state, made.class_state.with_name("none"))]
    theirs = ClassState(another.class_state).sockets
    made.forget()
    assert theirs.exists() and not any(folder.exists() for folder in folders)


def test_kept_seats_are_not_taken_down(bancada: Bancada, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(KEEP, "1")
    bancada.seats.failed = True
    bancada.take_down()
    assert bancada.containers() == [NAME] and NAME in (tmp_path / "left" / KEPT).read_text()
    shutil.rmtree(tmp_path / "left")


def test_a_class_that_tests_share_is_made_once_and_anew_where_it_was_set_aside(
    bancada: Bancada, tmp_path: Path
) -> None:
    shared = Shared("s", iter([tmp_path / "one", tmp_path / "two"]).__next__)
    first = shared.get()
    assert first is shared.get() and first.name == "s"
    shared.set_aside()
    second = shared.get()
    assert (second.name, second.folder) == ("s-1", tmp_path / "two") and shared.get() is second
    shared.take_down()
    assert (tmp_path / "one" / "forgotten").exists() and (tmp_path / "two" / "forgotten").exists()


def test_a_class_that_tests_share_and_that_does_not_come_up_is_tried_once(bancada: Bancada, tmp_path: Path) -> None:
    (bancada.folder / "code").write_text("3")
    shared = Shared("t1", iter([tmp_path / "one"]).__next__)
    for _ in range(2):
        with pytest.raises(AssertionError, match="it would not go"):
            shared.get()
    (place,) = (tmp_path / "left").iterdir()
    assert f"{NAME}.journal" in left(place)
    (bancada.folder / "code").unlink()
    shared.take_down()


def test_a_verb_that_never_ends_is_ended_with_all_that_it_started(bancada: Bancada, tmp_path: Path) -> None:
    bancada.typed = lambda *words, moment="": [  # type: ignore[method-assign]
        "sh", "-c", f"sleep 600 & echo $! >{tmp_path}/child; kill -STOP $$; wait"]  # fmt: skip
    with pytest.raises(ValueError, match="mine"), bancada.halted("up", moment="x"):
        raise ValueError("mine")
    child = Path("/proc") / (tmp_path / "child").read_text().strip()
    assert not child.exists() or "\nState:\tZ" in (child / "status").read_text()
