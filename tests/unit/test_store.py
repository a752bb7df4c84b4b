"""The store of verdicts: what is one outcome, what nobody can change, which rows are told, which evidence stays."""

from __future__ import annotations

import json
import random
import sqlite3
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from stores import ERROR, FAILED, PASSED, by_hand, result

from bancada.cli import results as verbs
from bancada.course import load_catalog
from bancada.judge import store as module
from bancada.judge.store import LOOKS_KEPT, Outcome, Store
from bancada.judge.verdict import ExerciseResult, TestResult
from bancada.words.i18n import Language, Text

# What an outcome is


def test_what_stays_as_it_was_is_one_outcome_seen_again(path: Path) -> None:
    with Store(path) as store:
        for minute in range(3):
            store.keep([result(FAILED, "test_a", at=f"10:0{minute}")], b"{}")
        outcome = store.newest()["seat-01", "a/b"]
        assert outcome == Outcome(1, "seat-01", "seat-01", "a/b", FAILED, ("test_a",), "d", "10:00", "10:02", 3, look=1)
        kept = store.result(1)
        assert kept == result(FAILED, "test_a", at="10:00"), "the document is the one that was first"
        assert store.count() == 1


@pytest.mark.parametrize(
    "other",
    [result(PASSED), result(ERROR, "test_a"), result(FAILED, "test_b"), result(FAILED, "test_a", "test_b"),
     result(FAILED, "test_a", digest="e")],
)  # fmt: skip
def test_another_verdict_failing_test_or_digest_is_another_outcome(path: Path, other: ExerciseResult) -> None:
    with Store(path) as store:
        for one in (result(FAILED, "test_a"), other, result(FAILED, "test_a")):
            store.keep([one], None)
        assert store.count() == 3
        assert [outcome.looks for outcome in store.after(0)] == [1, 1, 1]
        assert store.newest()["seat-01", "a/b"].number == 3


def test_outcomes_of_others_and_other_exercises_are_their_own(path: Path) -> None:
    with Store(path) as store:
        store.keep([result(FAILED), result(PASSED, exercise="a/c")], None)
        store.keep([result(PASSED, seat="seat-02")], None)
        verdicts = {pair: outcome.verdict for pair, outcome in store.newest().items()}
        assert verdicts == {("seat-01", "a/b"): FAILED, ("seat-01", "a/c"): PASSED, ("seat-02", "a/b"): PASSED}
        assert set(store.newest(["seat-02", "nobody"])) == {("seat-02", "a/b")}
        assert store.newest([]) == {}


def test_the_newest_outcome_is_the_last_one_though_the_clock_was_set_back(path: Path) -> None:
    with Store(path) as store:
        store.keep([result(PASSED)], None)
        store.keep([result(FAILED, at="2001-01-01T00:00:00.000+00:00")], None)
        assert store.newest()["seat-01", "a/b"].verdict is FAILED


def test_the_tail_is_what_came_after_a_number(path: Path) -> None:
    with Store(path) as store:
        for number in range(5):
            store.keep([result(digest=str(number))], None)
        assert [outcome.number for outcome in store.after(2)] == [3, 4, 5]
        assert [outcome.number for outcome in store.after(2, most=2)] == [3, 4]
        assert store.after(5) == []


def test_odd_characters_of_a_seat_cost_no_verdict(path: Path) -> None:
    odd = TestResult(name="test_a\x00é", verdict=FAILED, found=Text("\ud800\x00\x1b", "\ud800\x00\x1b"))
    with Store(path) as store:
        store.keep([result().model_copy(update={"tests": [odd]}), result(exercise="a/c")], b"\xff\x00")
        document = store.result(1)
        assert document and document.tests[0].found == Text("\\ud800\x00\x1b", "\\ud800\x00\x1b")
        assert store.newest()["seat-01", "a/b"].failing == ("test_a\x00é",)
        assert store.count() == 2 and store.evidence(1) == b"\xff\x00"


# Only ever appended


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM outcomes",
        *(f"UPDATE outcomes SET {column} = 'x'" for column in
          ("student", "seat", "exercise", "verdict", "failing", "digest", "at", "result")),
        *("UPDATE outcomes SET id = 9 WHERE id = 2", "UPDATE OR REPLACE outcomes SET rowid = 2 WHERE id = 1"),
        *("UPDATE outcomes SET evidence = NULL", "UPDATE outcomes SET evidence = 1 WHERE id = 2"),
        "UPDATE outcomes SET evidence = 1 WHERE id = 6",
        *("UPDATE outcomes SET followed_by = NULL", "UPDATE outcomes SET followed_by = 3 WHERE id = 1"),
        *(f"UPDATE outcomes SET followed_by = {number} WHERE id = 3" for number in (1, 3, 4, 5, 9)),
        *(f"INSERT OR REPLACE INTO outcomes SELECT {number}, student, seat, exercise, verdict, failing, digest, at, "
          f"last_at, looks, NULL, NULL, result FROM outcomes WHERE id = 1" for number in (-5, 0, 1, 6)),
        "INSERT INTO outcomes SELECT NULL, student, seat, exercise, verdict, failing, digest, at, last_at, looks, "
        "NULL, 1, result FROM outcomes WHERE id = 1",
        "UPDATE looks SET document = x'00'",
        "INSERT OR REPLACE INTO looks SELECT id, at, 'x', document FROM looks WHERE id = 1",
    ],
)  # fmt: skip
def test_what_was_decided_cannot_be_changed_by_hand(path: Path, statement: str) -> None:
    with Store(path) as store:
        store.keep([result(FAILED)], b"one")
        store.keep([result(PASSED)], b"two")
        store.keep([result(FAILED)], b"three")
        store.keep([result(PASSED, exercise="a/c")], b"four")
        store.keep([result(PASSED, seat="seat-02")], b"five")
        store.keep([result(PASSED, exercise="a/d")], None)
    before = by_hand(path, "SELECT * FROM outcomes"), by_hand(path, "SELECT * FROM looks")
    with pytest.raises(sqlite3.IntegrityError, match="only ever appended"):
        by_hand(path, statement)
    assert before == (by_hand(path, "SELECT * FROM outcomes"), by_hand(path, "SELECT * FROM looks"))
    assert by_hand(path, "PRAGMA journal_mode") == [("wal",)]


def test_a_row_that_was_appended_by_hand_is_the_newest_one(path: Path) -> None:
    with Store(path) as store:
        store.keep([result(FAILED)], None)
        append_by_hand(path, verdict="'passed'")
        assert store.newest()["seat-01", "a/b"].verdict is PASSED
        store.keep([result(PASSED)], None)
        assert store.count() == 2 and store.newest()["seat-01", "a/b"].looks == 2


def append_by_hand(path: Path, **other: str) -> None:
    """The first outcome once more, with other columns, each an expression of SQL."""
    columns = ("student", "seat", "exercise", "verdict", "failing", "digest", "at", "last_at", "looks", "result")
    values = ", ".join(other.get(column, column) for column in columns)
    by_hand(path, f"INSERT INTO outcomes ({', '.join(columns)}) SELECT {values} FROM outcomes WHERE id = 1")


# Rows that cannot be read


@pytest.mark.parametrize("word", ["'splendid'", "''", "CAST(x'ff' AS TEXT)"])
def test_a_row_that_cannot_be_read_is_told_once_and_the_one_before_it_counts(
    path: Path, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    with Store(path) as store:
        store.keep([result(FAILED), result(PASSED, exercise="a/c")], None)
        append_by_hand(path, verdict=word)
        append_by_hand(path, verdict=word, exercise="'a/lone'")
        for _ in range(3):
            assert {pair: one.number for pair, one in store.newest().items()} == {
                ("seat-01", "a/b"): 1, ("seat-01", "a/c"): 2,
            }  # fmt: skip
        assert [outcome.number for outcome in store.after(0)] == [1, 2]
        told = capsys.readouterr().err.splitlines()
        assert len(told) == 2 and "outcome 3 (seat-01, a/b) cannot be read" in told[0]
        store.keep([result(FAILED)], None)
        assert store.newest()["seat-01", "a/b"].number == 5


def test_a_text_that_is_no_utf_8_is_shown_as_far_as_it_goes(path: Path) -> None:
    with Store(path) as store:
        store.keep([result(FAILED)], None)
        append_by_hand(path, exercise="'a/c'", failing="CAST('test_' || x'ff' AS TEXT)")
        assert store.newest()["seat-01", "a/c"].failing == ("test_\\xff",)


@pytest.mark.parametrize(
    "document",
    ["replace(result, '\"measured\":{}', '\"measured\":{\"boot\":{\"vm\":null}}')", "replace(result, 'digest', 'sum')",
     "'x'", "CAST(x'ff' AS TEXT)"],
)  # fmt: skip
def test_a_document_that_cannot_be_read_costs_nothing_but_itself(
    path: Path, capsys: pytest.CaptureFixture[str], document: str
) -> None:
    with Store(path) as store:
        store.keep([result(FAILED), result(PASSED, exercise="a/c")], None)
        append_by_hand(path, verdict="'passed'", result=document)
        assert {one.verdict for one in store.newest().values()} == {PASSED}
        assert store.result(3) is None and store.result(3) is None
        assert store.result(2) == result(PASSED, exercise="a/c")
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "result of outcome 3 cannot be read" in told


def test_a_field_of_another_version_makes_no_document_unreadable(path: Path) -> None:
    more = "json_set(result, '$.mood', 1, '$.tests[0].mood', 1)"
    with Store(path) as store:
        store.keep([result(FAILED)], None)
        append_by_hand(path, result=more, verdict="'passed'")
        assert store.result(2) == result(FAILED)
        assert store.result(99) is None and store.evidence(99) is None


def test_what_a_report_cannot_read_of_one_seat_it_draws_of_the_others(
    path: Path, exercises: Path, edit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = {"en": "a", "pt-BR": "b"}
    edit("exercise.yml", "minutes: 15", json.dumps({"of": {"vm": name}, "what": {"boot": name}}).join(
        ("measures: ", "\nminutes: 15")
    ))  # fmt: skip
    with Store(path) as store:
        for seat, seconds in (("seat-01", 11), ("seat-02", 22), ("seat-03", 33)):
            measured = {"boot": {"vm": seconds}}
            store.keep([result(PASSED, seat=seat, exercise="demo/first", measured=measured)], None)
        append_by_hand(path, verdict="'failed'", result="replace(result, '11.0', 'null')")
    cls = SimpleNamespace(
        name="class", state=SimpleNamespace(results=path, folder=path.parent), language=Language.EN,
        pick=lambda seats: [SimpleNamespace(name=name) for name in ("seat-01", "seat-02")],
    )  # fmt: skip
    monkeypatch.setattr(verbs, "open_bench", lambda: SimpleNamespace(catalog=load_catalog(exercises), cls=cls))
    done = CliRunner().invoke(verbs.report)
    assert done.exit_code == 0, done.output
    page = (path.parent / "report.html").read_text()
    assert "22" in page and "seat-02" in page and "seat-01" not in page and "seat-03" not in page
    assert "outcome 4 cannot be read" in done.output


# Evidence


def test_evidence_is_kept_once_a_look_and_only_where_something_changed(path: Path) -> None:
    with Store(path) as store:
        store.keep([result(FAILED), result(FAILED, exercise="a/c")], b"one")
        store.keep([result(FAILED), result(FAILED, exercise="a/c")], b"two")
        store.keep([result(FAILED), result(PASSED, exercise="a/c")], b"three")
        store.keep([result(PASSED), result(PASSED, exercise="a/c")], None)
        assert [store.evidence(number) for number in (1, 2, 3, 4)] == [b"one", b"one", b"three", None]
        assert [outcome.look is not None for outcome in store.after(0)] == [True, True, True, False]
    assert by_hand(path, "SELECT count(*), min(seat), min(at) FROM looks") == [(2, "seat-01", result().at)]


@pytest.mark.parametrize(("size", "kept"), [(1_500_000, True), (20_000_000, False)])
def test_noise_does_not_fill_the_disk_and_costs_no_verdict(path: Path, size: int, kept: bool) -> None:
    noise = random.Random(1).randbytes(size)
    with Store(path) as store:
        store.keep([result(PASSED)], noise)
        assert store.newest()["seat-01", "a/b"].verdict is PASSED
        assert (store.evidence(1) == noise) is kept and (store.evidence(1) is None) is not kept
    assert (path.stat().st_size > size) is kept


def test_evidence_that_would_not_be_read_back_is_not_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_READ", 1000)
    with Store(path) as store:
        store.keep([result(PASSED)], bytes(1001))
        store.keep([result(FAILED)], bytes(1000))
        assert (store.evidence(1), store.evidence(2)) == (None, bytes(1000))
    assert by_hand(path, "SELECT count(*) FROM looks") == [(1,)]


@pytest.mark.parametrize("document", [b"x", zlib.compress(b"{}" * 99)[:-8], zlib.compress(bytes(2**27))])
def test_damaged_evidence_is_none_and_told(path: Path, capsys: pytest.CaptureFixture[str], document: bytes) -> None:
    with Store(path) as store:
        store.keep([result(PASSED)], b"{}")
        by_hand(path, "DROP TRIGGER looks_never_changed")
        by_hand(path, f"UPDATE looks SET document = x'{document.hex()}'")
        assert store.evidence(1) is None
    assert "evidence of outcome 1 cannot be read" in capsys.readouterr().err


def test_evidence_goes_when_it_is_old_and_no_outcome_needs_it(path: Path) -> None:
    with Store(path) as store:
        for digest in ("d", "e"):
            store.keep([result(FAILED, seat="seat-02", digest=digest)], b"the other seat's")
        store.keep([result(FAILED), result(FAILED, exercise="a/c")], b"1")  # the newest of a/c
        store.keep([result(FAILED, digest="e")], b"2")
        store.keep([result(PASSED)], b"3")  # the first of a/b that passed
        for number in range(20):
            store.keep([result((FAILED, PASSED)[number % 2], digest=str(number))], str(number + 4).encode())
            store.keep([result((FAILED, PASSED)[number % 2], digest=str(number)), result(FAILED, exercise="a/c")], b"0")
        kept = [store.evidence(outcome.number) for outcome in store.after(0) if outcome.exercise == "a/b"]
        newest = [str(number).encode() for number in range(24 - LOOKS_KEPT, 24)]
        assert [document for document in kept if document] == [
            b"the other seat's",
            b"the other seat's",
            b"1",
            b"3",
            *newest,
        ]
        assert store.evidence(store.newest()["seat-01", "a/c"].number) == b"1"
        assert [outcome.look for outcome in store.after(0)].count(None) == 24 - LOOKS_KEPT - 3
        store.keep([result(PASSED, exercise="a/c")], b"24")
        assert store.evidence(3) is None, "nothing that it led to is the newest or the first that passed"
    assert by_hand(path, "SELECT count(*) FROM looks") == [(2 + 1 + LOOKS_KEPT,)]
