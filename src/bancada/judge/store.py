"""What looks at the seats of a class led to, only ever appended: SQLite with a write-ahead log, so that a killed check
loses nothing that was already decided.

A row of `outcomes` is what was found of one student and exercise for as long as it stayed so: the next row comes when
the verdict, the tests that did not pass or the exercise's files are others. What a look brought is kept beside them.
"""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
import threading
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from pydantic import ValidationError

from bancada.judge.verdict import ExerciseResult, Verdict
from bancada.words.errors import BenchError
from bancada.words.shown import say

MOST_KEPT = 2 * 2**20
"""Bytes of one look's evidence, compressed. Noise of a hostile seat must not fill the disk: more is not kept."""
MOST_READ = 64 * 2**20
"""Bytes of the same as it came: what is read back must not fill the memory either."""
LOOKS_KEPT = 8
"""Of each seat, beside those that outcomes still need."""

OUTCOMES = (
    """CREATE TABLE outcomes (
        id INTEGER PRIMARY KEY, -- grows, whatever the clock does
        student TEXT NOT NULL,
        seat TEXT NOT NULL,
        exercise TEXT NOT NULL,
        verdict TEXT NOT NULL,
        failing TEXT NOT NULL, -- names of the tests that did not pass, one a line
        digest TEXT NOT NULL, -- of the exercise's files
        at TEXT NOT NULL, -- when it was first seen so, UTC
        last_at TEXT NOT NULL, -- when it was last seen so, UTC
        looks INTEGER NOT NULL, -- how often it was seen so
        evidence INTEGER, -- id of the look that led to it, while that is kept
        followed_by INTEGER, -- id of the student's next outcome of this exercise; NULL: it is the newest
        result TEXT NOT NULL -- the whole ExerciseResult as JSON, as first seen; last, so that the rest is quick to read
    ) STRICT""",
    """CREATE TABLE looks (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        seat TEXT NOT NULL,
        document BLOB NOT NULL -- the evidence, compressed by zlib
    ) STRICT""",
    # All that `newest` reads, side by side: 8,000 rows among 40,000 would else be as many pages.
    """CREATE INDEX newest_outcomes ON outcomes
        (student, exercise, seat, verdict, failing, digest, at, last_at, looks, evidence, followed_by)
        WHERE followed_by IS NULL""",
    "CREATE INDEX outcomes_by_verdict ON outcomes (student, exercise, verdict)",
    "CREATE INDEX outcomes_by_look ON outcomes (evidence) WHERE evidence IS NOT NULL",
    "CREATE INDEX looks_by_seat ON looks (seat)",
    """CREATE TRIGGER outcomes_follow AFTER INSERT ON outcomes
        BEGIN UPDATE outcomes SET followed_by = NEW.id WHERE id IN (
            SELECT id FROM outcomes INDEXED BY newest_outcomes WHERE student = NEW.student AND exercise = NEW.exercise
                AND followed_by IS NULL AND id < NEW.id); END""",
    """CREATE TRIGGER outcomes_only_after_all AFTER INSERT ON outcomes
        WHEN NEW.followed_by IS NOT NULL OR NEW.id < (SELECT max(id) FROM outcomes)
        BEGIN SELECT RAISE(ABORT, 'outcomes are only ever appended'); END""",
    # INSERT OR REPLACE deletes without asking the trigger for that.
    """CREATE TRIGGER outcomes_never_replaced BEFORE INSERT ON outcomes
        WHEN EXISTS (SELECT 1 FROM outcomes WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'outcomes are only ever appended'); END""",
    """CREATE TRIGGER outcomes_never_changed BEFORE UPDATE ON outcomes
        WHEN (NEW.id, NEW.student, NEW.seat, NEW.exercise, NEW.verdict, NEW.failing, NEW.digest, NEW.at, NEW.result)
            IS NOT (OLD.id, OLD.student, OLD.seat, OLD.exercise, OLD.verdict, OLD.failing, OLD.digest, OLD.at,
                OLD.result)
        OR NEW.evidence IS NOT OLD.evidence
            AND (NEW.evidence IS NOT NULL OR EXISTS (SELECT 1 FROM looks WHERE id = OLD.evidence))
        OR NEW.followed_by IS NOT OLD.followed_by
            AND (OLD.followed_by IS NOT NULL OR NOT EXISTS (SELECT 1 FROM outcomes AS next WHERE id = NEW.followed_by
                AND id > OLD.id AND next.student = OLD.student AND next.exercise = OLD.exercise))
        BEGIN SELECT RAISE(ABORT, 'outcomes are only ever appended'); END""",
    """CREATE TRIGGER outcomes_never_deleted BEFORE DELETE ON outcomes
        BEGIN SELECT RAISE(ABORT, 'outcomes are only ever appended'); END""",
    """CREATE TRIGGER looks_never_replaced BEFORE INSERT ON looks WHEN EXISTS (SELECT 1 FROM looks WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'looks are only ever appended, or deleted'); END""",
    """CREATE TRIGGER looks_never_changed BEFORE UPDATE ON looks
        BEGIN SELECT RAISE(ABORT, 'looks are only ever appended, or deleted'); END""",
    """CREATE TRIGGER looks_deleted AFTER DELETE ON looks
        BEGIN UPDATE outcomes SET evidence = NULL WHERE evidence = OLD.id; END""",
    # For who reads by hand. And version 0.1.0 stops here ("views may not be indexed"), where it would else begin a
    # table of its own that nobody reads.
    "CREATE VIEW verdicts AS SELECT id, at, seat, exercise, verdict, result FROM outcomes",
)

SEEN_AGAIN = """UPDATE outcomes INDEXED BY newest_outcomes SET last_at = ?, looks = looks + 1
    WHERE student = ? AND exercise = ? AND followed_by IS NULL AND verdict = ? AND failing = ? AND digest = ?"""
APPEND = """INSERT INTO outcomes
    (at, last_at, student, exercise, verdict, failing, digest, seat, looks, evidence, result)
    VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9)"""
THIN = """DELETE FROM looks WHERE seat = ?1
    AND id NOT IN (SELECT id FROM looks WHERE seat = ?1 ORDER BY id DESC LIMIT ?2)
    AND NOT EXISTS (SELECT 1 FROM outcomes AS led WHERE led.evidence = looks.id AND (led.followed_by IS NULL
        OR led.id = (SELECT min(id) FROM outcomes AS first INDEXED BY outcomes_by_verdict
            WHERE first.student = led.student AND first.exercise = led.exercise AND first.verdict = 'passed')))"""
COLUMNS = "id, student, seat, exercise, verdict, failing, digest, at, last_at, looks, evidence"
NEWEST = "INDEXED BY newest_outcomes WHERE followed_by IS NULL"
WHATEVER = partial(str, encoding="utf-8", errors="backslashreplace")
"""Makes a text of what should be one, and may be damaged."""
VERDICTS = {verdict.value: verdict for verdict in Verdict}


class Outcome(NamedTuple):
    """What was found of one student and exercise from `at` to `last_at` (UTC, ISO 8601), in so many `looks`."""

    number: int
    """Grows with each: `Store.after`, `result` and `evidence` take it."""
    student: str
    seat: str
    """Where it was first seen so."""
    exercise: str
    verdict: Verdict
    failing: tuple[str, ...]
    """The tests that did not pass, in their order."""
    digest: str
    """Of the exercise's files: which version of it was judged."""
    at: str
    last_at: str
    looks: int
    look: int | None
    """Whose evidence led to it; None where that is not kept (any more)."""


class Store:
    """The store of one class. Each `keep` is one transaction, on disk when it returns.

    Whatever is wrong with the file as a whole is a BenchError, wherever it shows; a row that cannot be read is told
    and left out.
    """

    def __init__(self, path: Path, *, patience: float = 10.0) -> None:
        """`patience`: seconds to wait where another check writes at the moment. A store of an older version becomes
        one of ours, at once or not at all."""
        self.path = path
        self._said: set[str] = set()
        with self._told():
            log_left = _log(path).exists()  # looked for first: where another process makes both, the store is there
            if not path.exists():
                if log_left:
                    raise sqlite3.DatabaseError(f"it is gone, and {_log(path).name}, its log, is left")
                _make(path)
            if path.stat().st_size == 0:
                raise sqlite3.DatabaseError("it is empty, and was not")
            self._db = sqlite3.connect(path, timeout=patience, isolation_level=None)
            try:
                self._db.execute("PRAGMA synchronous=FULL")
                self._see_to_version()
            except BaseException:
                self._db.close()
                raise

    def _see_to_version(self) -> None:
        version = _version(self._db)
        if version > len(STEPS):
            raise BenchError(
                f"The store of verdicts is of version {version}, made by a newer Bancada; this one knows {len(STEPS)}.",
                where=str(self.path),
                next="take that newer Bancada, or put back a copy of the store from before it",
            )
        if version == 0 and not _there(self._db, "verdicts"):
            raise sqlite3.DatabaseError("it is a database of something else")
        if version < len(STEPS):
            _bring_up(self._db, self.path.name)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever is wrong with the store is said in one sentence."""
        try:
            yield
        except sqlite3.Error as error:
            # The low byte is the error, the others say more of it.
            held = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            # Without its log, which SQLite would read into the next store of this name.
            broken = Path(f"{self.path}.broken")
            moved = [(self.path, broken), (_log(self.path), _log(broken))]
            aside = "; ".join(shlex.join(["mv", str(old), str(new)]) for old, new in moved if old.exists())
            at, folder = shlex.quote(str(self.path)), shlex.quote(str(self.path.parent))
            raise BenchError(
                f"The store of verdicts cannot be used: {error}.",
                where=str(self.path),
                next=f"see who holds it: fuser -v {at}"
                if held
                else f"put a copy of it back; to begin anew instead: {aside}"
                if aside
                else f"see whether there is room: df -h {folder}",
            ) from error

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._db.close()

    def keep(self, results: Sequence[ExerciseResult], evidence: bytes | None) -> None:
        """What one look at one seat led to, all of it or nothing. `evidence`: the document that the seat gave.

        A result that is as the newest outcome of its student and exercise counts there as one look more; any other
        is appended. Evidence is kept where something was appended, once, unless it is larger than MOST_KEPT when
        compressed. It goes again when it is none of its seat's newest LOOKS_KEPT and each outcome that it led to is
        neither the newest of its student and exercise nor the first of them that passed. So the evidence of a seat
        and its student takes at most MOST_KEPT * (LOOKS_KEPT + 2 * exercises) bytes. Outcomes all stay.
        """
        with self._told(), _all_or_nothing(self._db):
            look = None
            for result in results:
                if _seen_again(self._db, result):
                    continue
                if evidence is not None:
                    look, evidence = self._keep_evidence(result, evidence), None
                _append(self._db, result, look)
            if look is not None:
                self._db.execute(THIN, (results[0].seat, LOOKS_KEPT))

    def amend(self, was: Outcome, now: ExerciseResult) -> bool:
        """Append what an outcome's own evidence says by a mended check. False, and nothing is done, where there is a
        newer outcome by then."""
        with self._told(), _all_or_nothing(self._db):
            row = self._db.execute("SELECT evidence FROM outcomes WHERE id = ? AND followed_by IS NULL", (was.number,))
            if (look := row.fetchone()) is None:
                return False
            _append(self._db, now, look[0])
            return True

    def _keep_evidence(self, result: ExerciseResult, evidence: bytes) -> int | None:
        """The id of the look; None where it is too large to be kept."""
        if len(evidence) > MOST_READ or len(packed := zlib.compress(evidence)) > MOST_KEPT:
            return None
        values = (result.at, result.seat, packed)
        return self._db.execute("INSERT INTO looks (at, seat, document) VALUES (?, ?, ?)", values).lastrowid

    def newest(self, students: Collection[str] | None = None) -> dict[tuple[str, str], Outcome]:
        """By (student, exercise) the newest outcome that can be read: of these students, or of all."""
        of_these = "" if students is None else " AND student IN (SELECT value FROM json_each(?))"
        found = {}
        with self._told():
            for row in self._rows(NEWEST + of_these, () if students is None else (json.dumps([*students]),)):
                outcome = self._outcome(row) or self._outcome_before(row)
                if outcome:
                    found[outcome.student, outcome.exercise] = outcome
        return found

    def after(self, number: int, most: int = 1000) -> list[Outcome]:
        """The outcomes that came after that one, oldest first; a look more at one is none of them."""
        with self._told():
            rows = self._rows("WHERE id > ? ORDER BY id LIMIT ?", (number, most))
            return [outcome for row in rows if (outcome := self._outcome(row))]

    def result(self, number: int) -> ExerciseResult | None:
        """The whole document of the outcome, as first seen. None where it cannot be read, which is said."""
        with self._told():
            row = self._db.execute("SELECT CAST(result AS BLOB) FROM outcomes WHERE id = ?", (number,)).fetchone()
        try:
            return _parsed(row[0]) if row else None
        except ValidationError as error:
            self._say_once(f"the result of outcome {number} cannot be read: {_why(error)}.")
            return None

    def evidence(self, number: int) -> bytes | None:
        """The document that led to the outcome. None where it is not kept (any more), or damaged, which is said."""
        query = "SELECT document FROM outcomes JOIN looks ON looks.id = evidence WHERE outcomes.id = ?"
        with self._told():
            row = self._db.execute(query, (number,)).fetchone()
        if row is None:
            return None
        unpacking = zlib.decompressobj()
        with suppress(zlib.error):
            document = unpacking.decompress(row[0], MOST_READ)
            if unpacking.eof:
                return document
        self._say_once(f"the evidence of outcome {number} cannot be read.")
        return None

    def count(self) -> int:
        with self._told():
            return int(self._db.execute("SELECT count(*) FROM outcomes").fetchone()[0])

    def _rows(self, which: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        query = f"SELECT {COLUMNS} FROM outcomes {which}"
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if "UTF-8" not in str(error):
                raise
            # One damaged text must not hide all others. Only then: this way of reading takes half as long again.
            self._db.text_factory = WHATEVER
            return self._db.execute(query, values).fetchall()

    def _outcome_before(self, row: tuple[Any, ...]) -> Outcome | None:
        number, student, _, exercise, *_ = row
        before = "WHERE student = ? AND exercise = ? AND id < ? ORDER BY id DESC"
        rows = self._rows(before, (student, exercise, number))
        return next((outcome for row in rows if (outcome := self._outcome(row))), None)

    def _outcome(self, row: tuple[Any, ...]) -> Outcome | None:
        """None where the row cannot be read. Its types are SQLite's to see to, which may be damaged all the same."""
        number, student, seat, exercise, verdict, failing, digest, at, last_at, looks, look = row
        try:
            word, names = VERDICTS[verdict], tuple(failing.split("\n")) if failing else ()
        except (KeyError, AttributeError, TypeError):
            said = f"outcome {number} ({student}, {exercise}) cannot be read: {verdict!r}, {failing!r}"
            self._say_once(f"{said}; the one before it counts.")
            return None
        return Outcome(number, student, seat, exercise, word, names, digest, at, last_at, looks, look)

    def _say_once(self, what: str) -> None:
        """Who follows the store asks again and again."""
        if what not in self._said:
            self._said.add(what)
            say(f"! {self.path.name}: {what}", err=True)


def _seen_again(db: sqlite3.Connection, result: ExerciseResult) -> bool:
    """Whether the newest outcome is the same; it then has one look more."""
    return db.execute(SEEN_AGAIN, (result.at, *_key(result))).rowcount == 1


def _append(db: sqlite3.Connection, result: ExerciseResult, look: int | None) -> None:
    db.execute(APPEND, (result.at, *_key(result), result.seat, look, result.model_dump_json()))


def _key(result: ExerciseResult) -> tuple[str, ...]:
    """Of whom and what, and what makes it another outcome. The student is the seat: nobody else is known yet."""
    failing = "\n".join(test.name for test in result.tests if test.verdict is not Verdict.PASSED)
    return result.seat, result.exercise, result.verdict, failing, result.digest


def _parsed(document: str | bytes) -> ExerciseResult:
    """Raises ValidationError. What a later version says in addition is left out."""
    return ExerciseResult.model_validate_json(document, extra="ignore")


def _why(error: ValidationError) -> str:
    return error.errors()[0]["msg"]


@contextmanager
def _all_or_nothing(db: sqlite3.Connection) -> Iterator[None]:
    """One transaction, which nobody else writes beside; undone by an exception, and by whatever kills us."""
    db.execute("BEGIN IMMEDIATE")
    with db:
        yield


def _outcomes(db: sqlite3.Connection, name: str) -> None:
    """Version 1. Before it, each check was a row of `verdicts`; they stay as they were, as `verdicts_0`."""
    old = _there(db, "verdicts")
    if old:
        db.execute("ALTER TABLE verdicts RENAME TO verdicts_0")  # with its triggers: nothing there is ever changed
    for statement in OUTCOMES:
        db.execute(statement)
    db.text_factory = WHATEVER
    rows = db.execute("SELECT id, seat, exercise, result FROM verdicts_0 ORDER BY id") if old else ()
    for number, seat, exercise, document in rows:
        try:
            result = _parsed(document)
        except ValidationError as error:
            say(f"! {name}: verdict {number} ({seat}, {exercise}) cannot be read: {_why(error)}; left out.", err=True)
        else:
            if not _seen_again(db, result):
                _append(db, result, None)


STEPS: tuple[Callable[[sqlite3.Connection, str], None], ...] = (_outcomes,)
"""Step n makes a store of version n one of version n + 1, inside of a transaction; it is told the store's name.
Version 0 is a store of 0.1.0, or one in the making."""


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _there(db: sqlite3.Connection, name: str) -> bool:
    return db.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).fetchone() is not None


def _bring_up(db: sqlite3.Connection, name: str) -> None:
    with _all_or_nothing(db):
        for step in STEPS[_version(db) :]:  # none where another process was quicker
            step(db, name)
        db.execute(f"PRAGMA user_version = {len(STEPS)}")


def _log(path: Path) -> Path:
    """Where SQLite writes first."""
    return Path(f"{path}-wal")


def _make(path: Path) -> None:
    """An empty store, whole from the first moment: a file that holds nothing is a damaged one, never a new one."""
    partial_file = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with closing(sqlite3.connect(partial_file, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode=WAL")
            _bring_up(db, path.name)
        with suppress(FileExistsError):  # another check made it meanwhile
            os.link(partial_file, path)
    finally:
        for file in path.parent.glob(f"{partial_file.name}*"):
            file.unlink()
