"""The file of the store of verdicts: killed, shared, of another version or damaged, it loses nothing without a word."""

from __future__ import annotations

import os
import shutil
import sqlite3
import traceback
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from stores import ERROR, FAILED, PASSED, by_hand, result

from bancada.judge import store as module
from bancada.judge.store import Store
from bancada.words.errors import BenchError

OF_0_1_0 = Path(__file__).parent / "data" / "results-0.1.0.sqlite"
"""Made by version 0.1.0 (commit 24ec403): 12 results by its own `Results.append`, repeats and changes of three pairs of
seat and exercise; between them, as the 11th row, one by hand that has null where a number was measured. Then
`PRAGMA wal_checkpoint(TRUNCATE)`."""
SCHEMA_OF_0_1_0 = """
CREATE TABLE IF NOT EXISTS verdicts (id INTEGER PRIMARY KEY, at TEXT NOT NULL, seat TEXT NOT NULL,
    exercise TEXT NOT NULL, verdict TEXT NOT NULL, result TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS newest ON verdicts (seat, exercise, id);
"""


def gone(path: Path) -> None:
    """With all that SQLite has beside it."""
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def of_0_1_0(path: Path) -> None:
    gone(path)
    shutil.copy(OF_0_1_0, path)


def in_a_process(action: Callable[[], object]) -> int:
    """Its id. Does it at once; ends with 0 where that raised nothing."""
    child = os.fork()
    if child == 0:
        try:
            action()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    return child


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(moment: int, action: Callable[[], object]) -> bool:
    """Whether there was such a moment: the process that does it ends, without a word, before that statement of SQL."""

    def do() -> None:
        connect, moments = sqlite3.connect, count(1)

        def traced(*args: Any, **more: Any) -> sqlite3.Connection:
            db: sqlite3.Connection = connect(*args, **more)
            db.set_trace_callback(lambda statement: os._exit(9) if next(moments) == moment else None)
            return db

        pytest.MonkeyPatch().setattr(sqlite3, "connect", traced)
        action()

    code = ended(in_a_process(do))
    assert code in (0, 9)
    return code == 9


# Killed, and many at once


def test_killed_at_any_moment_a_look_is_kept_as_a_whole_or_not_at_all(path: Path) -> None:
    def keep() -> None:
        with Store(path) as store:
            store.keep([result(PASSED), result(FAILED, exercise="a/c"), result(PASSED, exercise="a/d")], b"two")

    with Store(path) as store:
        store.keep([result(FAILED), result(FAILED, exercise="a/c")], b"one")
    rows = by_hand(path, "SELECT * FROM outcomes"), by_hand(path, "SELECT * FROM looks")
    for moment in count(1):
        if not killed_at(moment, keep):
            break
        assert rows == (by_hand(path, "SELECT * FROM outcomes"), by_hand(path, "SELECT * FROM looks")), moment
    assert moment > 10
    with Store(path) as store:
        assert [(one.number, one.verdict, one.looks) for one in store.newest().values()] == [
            (3, PASSED, 1), (2, FAILED, 2), (4, PASSED, 1),
        ]  # fmt: skip
        assert store.evidence(3) == store.evidence(4) == b"two"
    assert by_hand(path, "PRAGMA integrity_check") == [("ok",)]


def test_killed_at_any_moment_an_older_store_is_untouched_or_migrated(path: Path) -> None:
    for moment in count(1):
        of_0_1_0(path)
        if not killed_at(moment, lambda: Store(path)):
            break
        assert by_hand(path, "PRAGMA user_version") == [(0,)], moment
        assert by_hand(path, "SELECT count(*) FROM verdicts") == [(13,)]
        with Store(path) as store:
            assert store.count() == 7
    assert moment > 30
    assert by_hand(path, "SELECT count(*) FROM outcomes") == [(7,)]


def test_killed_at_any_moment_a_new_store_is_whole_or_not_there(path: Path) -> None:
    for moment in count(1):
        if not killed_at(moment, lambda: Store(path)):
            break
        assert not path.exists() or by_hand(path, "SELECT count(*) FROM outcomes") == [(0,)]
        gone(path)
    assert moment > 15


def test_two_checks_at_once_lose_nothing(path: Path) -> None:
    def keep() -> None:
        with Store(path) as store:
            for number in range(60):
                store.keep([result((PASSED, FAILED)[number % 2]), result(digest=str(os.getpid()))], b"{}")

    children = [in_a_process(keep), in_a_process(keep)]
    assert [ended(child) for child in children] == [0, 0]
    with Store(path) as store:
        found = store.after(0)
        assert sum(outcome.looks for outcome in found) == 2 * 2 * 60
        assert store.newest() == {("seat-01", "a/b"): found[-1]}
    assert by_hand(path, "SELECT count(*) FROM outcomes WHERE followed_by IS NULL") == [(1,)]


def test_an_older_store_is_migrated_once_by_many_that_open_it(path: Path) -> None:
    of_0_1_0(path)
    children = [in_a_process(lambda: Store(path)) for _ in range(4)]
    assert [ended(child) for child in children] == [0] * 4
    assert by_hand(path, "SELECT count(*) FROM outcomes") == [(7,)]


def test_who_sees_the_old_version_and_comes_second_does_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def another_first(db: sqlite3.Connection, name: str) -> None:
        monkeypatch.undo()
        Store(path)
        bring_up(db, name)

    of_0_1_0(path)
    bring_up = module._bring_up
    monkeypatch.setattr(module, "_bring_up", another_first)
    with Store(path) as store:
        assert store.count() == 7


def test_nobody_comes_between_a_look_at_the_version_and_the_migration(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_at_once(db: sqlite3.Connection) -> int:
        found = version(db)
        if db.in_transaction:
            assert ended(in_a_process(too_late)) == 0
        return found

    def too_late() -> None:
        monkeypatch.undo()
        with pytest.raises(BenchError, match="database is locked"):
            Store(path, patience=0)

    of_0_1_0(path)
    version = module._version
    monkeypatch.setattr(module, "_version", another_at_once)
    with Store(path) as store:
        assert store.count() == 7


def test_who_makes_the_store_second_takes_the_first(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def another_first(source: Path, target: Path) -> None:
        monkeypatch.undo()
        assert ended(in_a_process(make)) == 0
        os.link(source, target)

    def make() -> None:
        with Store(path) as store:
            store.keep([result(PASSED)], None)

    monkeypatch.setattr(os, "link", another_first)
    with Store(path) as store:
        assert store.count() == 1
    assert list(path.parent.iterdir()) == [path]


# Older and newer versions


def test_a_store_of_0_1_0_keeps_all_that_was_decided(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of_0_1_0(path)
    by_hand(path, "INSERT INTO verdicts VALUES (14, 'at', CAST('seat-' || x'ff' AS TEXT), 'a/b', 'passed', '{}')")
    before = by_hand(path, "SELECT * FROM verdicts WHERE id < 14")
    with Store(path) as store:
        uts, vm = "namespaces/uts", "vm/container-vs-vm"
        one, two = ("test_name", "test_root"), ("test_root",)
        assert [(o.student, o.exercise, o.verdict, o.failing, o.digest, o.looks) for o in store.after(0)] == [
            ("seat-01", uts, FAILED, one, "aa", 2), ("seat-02", uts, ERROR, ("bench",), "aa", 1),
            ("seat-01", uts, FAILED, two, "aa", 1), ("seat-01", uts, PASSED, (), "aa", 3),
            ("seat-02", uts, FAILED, ("test_name",), "aa", 2), ("seat-01", vm, PASSED, (), "aa", 2),
            ("seat-01", uts, PASSED, (), "bb", 1),
        ]  # fmt: skip
        assert {pair: outcome.number for pair, outcome in store.newest().items()} == {
            ("seat-01", uts): 7, ("seat-02", uts): 5, ("seat-01", vm): 6,
        }  # fmt: skip
        passed = store.after(3)[0]
        assert (passed.at, passed.last_at) == ("2026-11-27T10:04:00.000+00:00", "2026-11-27T10:08:00.000+00:00")
        measured = store.result(6)
        assert measured and measured.measured == {"boot": {"vm": 1.5, "container": 0.25}}
        assert passed.look is None
    told = capsys.readouterr().err
    assert "verdict 11 (seat-01, vm/container-vs-vm) cannot be read" in told
    assert "verdict 14 (seat-\\xff, a/b) cannot be read" in told and told.count("\n") == 2
    assert by_hand(path, "SELECT * FROM verdicts_0 WHERE id < 14") == before
    with pytest.raises(sqlite3.IntegrityError, match="only ever appended"):
        by_hand(path, "DELETE FROM verdicts_0")
    with Store(path):
        assert not capsys.readouterr().err


@pytest.mark.parametrize("old", [True, False])
def test_version_0_1_0_stops_at_a_store_of_ours(path: Path, old: bool) -> None:
    """It would else begin a table of its own, where its verdicts are lost to us."""
    if old:
        of_0_1_0(path)
    Store(path)
    with sqlite3.connect(path) as db, pytest.raises(sqlite3.OperationalError, match="views may not be indexed"):
        db.executescript(SCHEMA_OF_0_1_0)
    with pytest.raises(sqlite3.OperationalError, match="cannot modify verdicts because it is a view"):
        by_hand(path, "DELETE FROM verdicts")
    with Store(path) as store:
        assert store.count() == (7 if old else 0)


def test_a_store_of_a_newer_version_is_left_alone(path: Path) -> None:
    Store(path)
    by_hand(path, "PRAGMA user_version = 7")
    whole = path.read_bytes()
    with pytest.raises(BenchError, match="is of version 7, made by a newer Bancada; this one knows 1") as told:
        Store(path)
    assert told.value.where == str(path) and told.value.next
    assert path.read_bytes() == whole


# The file as a whole


def cannot_be_used(path: Path, action: Callable[[], object], why: str = "") -> str:
    """What to do next."""
    with pytest.raises(BenchError, match=f"The store of verdicts cannot be used: {why}") as told:
        action()
    assert told.value.where == str(path) and "\n" not in told.value.what
    return told.value.next


def filled(path: Path) -> bytes:
    with Store(path) as store:
        for number in range(300):
            store.keep([result(digest=str(number))], b"{}")
    return path.read_bytes()


@pytest.mark.parametrize("left", [0, 100, 5000])
def test_a_store_that_lost_its_verdicts_is_told_and_never_begun_anew(path: Path, left: int) -> None:
    path.write_bytes(filled(path)[:left])
    aside = f"to begin anew instead: mv {path} {path}.broken"
    assert aside in cannot_be_used(path, lambda: Store(path).newest(), "it is empty, and was not" if left == 0 else "")
    assert path.stat().st_size == left


def test_a_store_that_is_none_says_so(path: Path) -> None:
    path.write_text("this is no database, it is a text that is long enough to be read as a header of one " * 20)
    assert "put a copy of it back" in cannot_be_used(path, lambda: Store(path))


def test_a_folder_in_its_place_is_told(path: Path) -> None:
    path.mkdir()
    assert f"mv {path} {path}.broken" in cannot_be_used(path, lambda: Store(path))


def test_a_database_of_something_else_is_left_alone(path: Path) -> None:
    by_hand(path, "CREATE TABLE recipes (name TEXT)")
    assert "put a copy of it back" in cannot_be_used(path, lambda: Store(path))
    assert by_hand(path, "SELECT name FROM sqlite_schema") == [("recipes",)]


@pytest.mark.parametrize(
    "action",
    [
        Store.newest, lambda store: store.after(0), lambda store: store.result(1), lambda store: store.evidence(1),
        Store.count, lambda store: store.keep([result()], b"{}"),
    ],
)  # fmt: skip
def test_a_damaged_page_is_told_whatever_is_asked(path: Path, action: Callable[[Store], object]) -> None:
    whole = filled(path)
    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))

    def ask() -> None:
        with Store(path) as store:
            action(store)

    assert "put a copy of it back" in cannot_be_used(path, ask)


def test_who_holds_the_store_is_asked_for(path: Path) -> None:
    with Store(path, patience=0) as store, sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert cannot_be_used(path, lambda: store.keep([result()], None)) == f"see who holds it: fuser -v {path}"
        other.execute("ROLLBACK")
        store.keep([result()], None)
        assert store.count() == 1


def test_the_log_of_a_store_that_is_gone_is_not_read_into_a_new_one(path: Path) -> None:
    """SQLite would: the log knows its database by the name only."""
    log = Path(f"{path}-wal")

    def keep_and_die() -> None:
        with Store(path) as store:
            store.keep([result(PASSED)], None)
            os._exit(9)

    assert ended(in_a_process(keep_and_die)) == 9 and log.exists()
    path.unlink()
    step = cannot_be_used(path, lambda: Store(path))
    assert step.endswith(f": mv {log} {path}.broken-wal")
    log.rename(f"{path}.broken-wal")
    with Store(path) as store:
        assert store.count() == 0


def test_no_room_for_a_new_store_is_told(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "results.sqlite"
    assert cannot_be_used(path, lambda: Store(path)) == f"see whether there is room: df -h {path.parent}"
