"""What the store of verdicts costs, in a class of 200 students and 40 exercises where each outcome changed four times.

    PYTHONPATH=src .venv/bin/python benchmarks/store.py [--rounds 9] [--folder DIR] > docs/evidence/store-DATE.md

The store lies in a folder made for it under DIR (where temporary files are), which goes at the end. The old way, all
rows read as documents, is measured in the same run: what this computer does beside falls on both, compare the ratio.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from bancada.judge.store import Store
from bancada.judge.verdict import ExerciseResult, State, TestResult, Verdict

STUDENTS, EXERCISES, CHANGES = 200, 40, 5
TEXT = {"en": "a sentence of what the kernel says there " * 3, "pt-BR": "uma frase do que o núcleo diz ali " * 3}
EVIDENCE = random.Random(1).randbytes(62_000).hex().encode()
"""It compresses to 62 kB, as the document of a seat with the 33 exercises of `fundamentos` does."""


def look(student: int, number: int) -> list[ExerciseResult]:
    """What one look at a seat finds: passed with each odd number, else two tests of four failed."""
    verdict = Verdict.PASSED if number % 2 else Verdict.FAILED
    tests = [
        TestResult(name=f"test_effect_{n}_is_there", verdict=done, expected=TEXT, found=TEXT, hints=[TEXT] * (n % 2))
        for n, done in enumerate((Verdict.PASSED, verdict) * 2)
    ]
    return [
        ExerciseResult(
            seat=f"seat-{student:03}", exercise=f"namespaces/exercise-{exercise:02}", digest=f"sha256:{number:064}",
            at=datetime.now(UTC).isoformat(timespec="milliseconds"), state=State.STAGED, verdict=verdict, tests=tests,
        )
        for exercise in range(EXERCISES)
    ]  # fmt: skip


def newest_as_in_0_1_0(db: sqlite3.Connection) -> dict[tuple[str, str], ExerciseResult]:
    """The last of each seat and exercise: its row, and the whole document parsed."""
    found = {}
    ids = [number for (number,) in db.execute("SELECT max(id) FROM verdicts GROUP BY seat, exercise")]
    for number in ids:
        query = "SELECT seat, exercise, result FROM verdicts WHERE id = ?"
        seat, exercise, text = db.execute(query, (number,)).fetchone()
        found[seat, exercise] = ExerciseResult.model_validate_json(text)
    return found


def old_store(new: Path, old: Path) -> sqlite3.Connection:
    """The same rows in the table of 0.1.0."""
    db = sqlite3.connect(old)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("CREATE TABLE verdicts (id INTEGER PRIMARY KEY, at TEXT NOT NULL, seat TEXT NOT NULL, "
               "exercise TEXT NOT NULL, verdict TEXT NOT NULL, result TEXT NOT NULL) STRICT")  # fmt: skip
    db.execute("CREATE INDEX newest ON verdicts (seat, exercise, id)")
    db.execute("ATTACH ? AS new", (str(new),))
    db.execute("INSERT INTO verdicts SELECT id, at, seat, exercise, verdict, result FROM new.outcomes")
    db.commit()
    db.execute("DETACH new")
    return db


def seconds(action: Callable[[], object], rounds: int) -> list[float]:
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        found.append(time.perf_counter() - started)
    return found


def told(name: str, took: list[float], aim: str = "") -> float:
    middle = statistics.median(took) * 1000
    print(f"| {name} | {middle:.2f} | {min(took) * 1000:.2f}–{max(took) * 1000:.2f} | {aim} |", flush=True)
    return middle


def kept(store: Store, looks: Iterator[list[ExerciseResult]], rounds: int, evidence: bytes | None) -> list[float]:
    prepared = [next(looks) for _ in range(rounds)]
    return seconds(lambda: store.keep(prepared.pop(0), evidence), rounds)


def measure(folder: Path, rounds: int) -> None:
    path = folder / "results.sqlite"
    with Store(path) as store:
        started = time.perf_counter()
        for number in range(CHANGES):
            for student in range(STUDENTS):
                store.keep(look(student, number), EVIDENCE)
        print(f"filled in {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
        rows, last = store.count(), store.after(0, 10**9)[-1].number
        same, other = (look(7, CHANGES - 1) for _ in count()), (look(7, CHANGES + n) for n in count())
        print(
            f"{rows:,} outcomes, {len(store.newest()):,} of them the newest. `benchmarks/store.py`, {rounds} rounds.\n"
        )
        print("| what | median ms | range ms | aim |\n| --- | ---: | ---: | --- |")
        new = told("newest, all students", seconds(store.newest, rounds), "≤ 50 ms")
        told("newest, one student", seconds(lambda: store.newest(["seat-007"]), rounds))
        told("the tail, 10 new rows", seconds(lambda: store.after(last - 10), rounds), "≤ 1 ms")
        told("one whole document", seconds(lambda: store.result(last), rounds))
        told("keep, 40 unchanged outcomes of a seat", kept(store, same, rounds, EVIDENCE))
        told("keep, 40 changed ones, no evidence", kept(store, other, rounds, None))
        told("keep, 40 changed ones with evidence", kept(store, other, rounds, EVIDENCE))
        db = old_store(path, folder / "old.sqlite")
        old = told("newest as in 0.1.0", seconds(lambda: newest_as_in_0_1_0(db), min(rounds, 3)))
        db.close()
    with sqlite3.connect(path) as db:
        (documents, packed), (written,) = (
            db.execute(query).fetchone()
            for query in (
                "SELECT count(*), sum(length(document)) FROM looks",
                "SELECT sum(length(result)) FROM outcomes",
            )
        )
    size = path.stat().st_size
    print(
        f"\nnewest is {old / new:.0f} times as quick as in 0.1.0. On disk: {size / 1e6:.0f} MB, "
        f"of it {packed / 1e6:.0f} MB evidence of {documents} looks and {written / 1e6:.0f} MB results."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--folder", type=Path, help="where the store is made: on the disk that is asked about")
    options = parser.parse_args()
    print(f"# The store of verdicts, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n")
    print(f"{os.cpu_count()} cores, kernel {platform.release()}, SQLite {sqlite3.sqlite_version}, "
          f"load before: {os.getloadavg()[0]:.2f}.", flush=True)  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="bancada-store-", dir=options.folder) as folder:
        measure(Path(folder), options.rounds)


if __name__ == "__main__":
    main()
