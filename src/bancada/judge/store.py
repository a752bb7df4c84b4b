"""The verdicts of a class, only ever appended: SQLite with a write-ahead log, so that a killed check loses nothing
that was already decided."""

from __future__ import annotations

import os
import shlex
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType

from pydantic import ValidationError

from bancada.errors import BenchError
from bancada.judge.verdict import ExerciseResult
from bancada.shown import say

SCHEMA = """
CREATE TABLE IF NOT EXISTS verdicts (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    seat TEXT NOT NULL,
    exercise TEXT NOT NULL,
    verdict TEXT NOT NULL,
    result TEXT NOT NULL -- the whole ExerciseResult as JSON
) STRICT;
CREATE INDEX IF NOT EXISTS newest ON verdicts (seat, exercise, id);
CREATE TRIGGER IF NOT EXISTS never_changed BEFORE UPDATE ON verdicts
BEGIN SELECT RAISE(ABORT, 'verdicts are only ever appended'); END;
CREATE TRIGGER IF NOT EXISTS never_deleted BEFORE DELETE ON verdicts
BEGIN SELECT RAISE(ABORT, 'verdicts are only ever appended'); END;
"""


class Results:
    """The store of one class. Each `append` is a transaction of its own, on disk when it returns."""

    def __init__(self, path: Path, *, patience: float = 10.0) -> None:
        """`patience`: seconds to wait where another check writes at the moment."""
        self.path = path
        with self._told():
            if not path.exists():
                _make(path)
            if path.stat().st_size == 0:
                raise sqlite3.DatabaseError("it is empty, and was not")
            self._db = sqlite3.connect(path, timeout=patience)
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(SCHEMA)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever is wrong with the store is said in one sentence."""
        try:
            yield
        except sqlite3.Error as error:
            held = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
            aside = shlex.join(["mv", str(self.path), f"{self.path}.broken"])
            anew = f"put a copy of it back; to begin anew instead: {aside}"
            raise BenchError(
                f"The store of verdicts cannot be used: {error}.",
                where=str(self.path),
                next=f"see who holds it: fuser -v {shlex.quote(str(self.path))}" if held else anew,
            ) from error

    def __enter__(self) -> Results:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._db.close()

    def append(self, result: ExerciseResult) -> None:
        row = (result.at, result.seat, result.exercise, result.verdict, result.model_dump_json())
        with self._told(), self._db:
            self._db.execute("INSERT INTO verdicts (at, seat, exercise, verdict, result) VALUES (?, ?, ?, ?, ?)", row)

    def newest(self) -> dict[tuple[str, str], ExerciseResult]:
        """The last verdict of each (seat, exercise) that can be read; of each other one it is said that it cannot."""
        last = "SELECT max(id) FROM verdicts WHERE seat = ? AND exercise = ? AND id < ?"
        with self._told():
            ids = [number for (number,) in self._db.execute("SELECT max(id) FROM verdicts GROUP BY seat, exercise")]
            found = {}
            while ids:
                number = ids.pop()
                query = "SELECT seat, exercise, result FROM verdicts WHERE id = ?"
                seat, exercise, text = self._db.execute(query, (number,)).fetchone()
                try:
                    found[seat, exercise] = ExerciseResult.model_validate_json(text)
                except ValidationError as error:
                    why = error.errors()[0]["msg"]
                    say(
                        f"! {self.path.name}: verdict {number} ({seat}, {exercise}) cannot be read: {why}; "
                        "the one before it counts.",
                        err=True,
                    )
                    (before,) = self._db.execute(last, (seat, exercise, number)).fetchone()
                    ids += [before] if before is not None else []
            return found

    def count(self) -> int:
        with self._told():
            return int(self._db.execute("SELECT count(*) FROM verdicts").fetchone()[0])


def _make(path: Path) -> None:
    """An empty store, whole from the first moment: a file that holds nothing is a damaged one, never a new one."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with closing(sqlite3.connect(partial)) as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(SCHEMA)
        with suppress(FileExistsError):  # another check made it meanwhile
            os.link(partial, path)
    finally:
        for file in path.parent.glob(f"{partial.name}*"):
            file.unlink()
