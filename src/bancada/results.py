"""The verdicts of a class, only ever appended: SQLite with a write-ahead log, so that a killed check loses nothing
that was already decided."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType

from bancada.checks.verdict import ExerciseResult
from bancada.errors import BenchError

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

    def __init__(self, path: Path) -> None:
        try:
            self._db = sqlite3.connect(path, timeout=10)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(SCHEMA)
        except sqlite3.Error as error:
            raise BenchError(f"The store of verdicts cannot be used: {error}.", where=str(path)) from error

    def __enter__(self) -> Results:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._db.close()

    def append(self, result: ExerciseResult) -> None:
        row = (result.at, result.seat, result.exercise, result.verdict, result.model_dump_json())
        with self._db:
            self._db.execute("INSERT INTO verdicts (at, seat, exercise, verdict, result) VALUES (?, ?, ?, ?, ?)", row)

    def newest(self) -> dict[tuple[str, str], ExerciseResult]:
        """The last verdict of each (seat, exercise)."""
        query = "SELECT result FROM verdicts WHERE id IN (SELECT max(id) FROM verdicts GROUP BY seat, exercise)"
        found = (ExerciseResult.model_validate_json(text) for (text,) in self._db.execute(query))
        return {(result.seat, result.exercise): result for result in found}

    def count(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM verdicts").fetchone()[0])
