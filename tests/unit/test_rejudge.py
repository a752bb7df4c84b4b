"""A mended check is applied to what was seen then: whose verdict would change is said, and changed when asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from documents import document

from bancada.cli import results
from bancada.course import load_catalog
from bancada.inventory import Class, Seat, SeatVariables
from bancada.judge.store import Store
from bancada.judge.verdict import ExerciseResult, TestResult, Verdict
from bancada.reach.paths import ROOT, ClassState, Project
from bancada.seats.bench import Bench
from bancada.words.i18n import Language
from bancada.words.progress import Progress

SEATS = tuple(Seat(f"seat-{number}", SeatVariables(), {}) for number in (1, 2, 3))  # type: ignore[call-arg]
HEAD = "from bancada.judge import T, expect\n\n\n"
TOO_STRICT = HEAD + "def test_the_effect(seat):\n    expect(seat.hostname == 'other', T('a', 'b'), T('c', 'd'))\n"
MENDED = TOO_STRICT.replace("'other'", "'seat'")


def seen(seat: str, verdict: Verdict) -> ExerciseResult:
    tests = [TestResult(name="test_the_effect", verdict=verdict)]
    values: dict[str, Any] = {"state": "staged", "verdict": verdict, "tests": tests, "at": f"2026-01-0{seat[-1]}T00:00"}
    return ExerciseResult(seat=seat, exercise="demo/first", digest="old", **values)


@pytest.fixture
def store(tmp_path: Path, exercises: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Of a class whose first two students failed by a check that is mended now; of the third no evidence is kept."""
    (exercises / "demo/first/test_exercise.py").write_text(MENDED)
    cls = Class("c", "course", Language.PT_BR, SEATS, tmp_path, ClassState(tmp_path / "c"))
    bench = Bench(Project(ROOT, tmp_path), cls, Progress(quiet=True))
    catalog = load_catalog(exercises)
    provider: Any = SimpleNamespace(patience=1.0)
    bench.__dict__.update(catalog=catalog, course=tuple(catalog.values()), _chosen=(provider, ""))
    monkeypatch.setattr("bancada.seats.bench.require_proven", lambda exercises: None)
    monkeypatch.setattr(results, "open_bench", lambda **_: bench)
    with Store(cls.state.results) as store:
        store.keep([seen("seat-1", Verdict.FAILED)], json.dumps(document()).encode())
        store.keep([seen("seat-2", Verdict.FAILED)], json.dumps(document(hostname="mine")).encode())
        store.keep([seen("seat-3", Verdict.FAILED)], None)
        yield store
    bench.judges.close()


def rejudge(*words: str) -> Result:
    return CliRunner().invoke(results.rejudge, words)


def verdicts(store: Store) -> list[str]:
    return [outcome.verdict.value for _, outcome in sorted(store.newest().items())]


def test_whose_verdict_would_change_is_said_and_nothing_is_changed(store: Store) -> None:
    done = rejudge()
    assert done.exit_code == 0, done.output
    assert "Judged again: 2 verdicts, of which 1 would change; of 1 no evidence is kept." in done.output
    (row,) = [line for line in done.output.splitlines() if line.strip().startswith("seat-")]
    assert row.split() == ["seat-1", "demo/first", "reprovado", "aprovado"]
    assert "Nothing was changed" in done.output and "--yes" in done.output
    assert verdicts(store) == ["failed"] * 3 and store.count() == 3


def test_it_is_changed_when_asked_and_what_was_decided_stays(store: Store) -> None:
    done = rejudge("--yes", "seat-1", "seat-3")
    assert done.exit_code == 0 and "Changed: 1 verdict." in done.output, done.output
    assert verdicts(store) == ["passed", "failed", "failed"] and store.count() == 4
    now = store.newest()["seat-1", "demo/first"]
    assert now.at == "2026-01-01T00:00", "it tells when that was seen"
    assert now.digest != "old" and store.evidence(now.number) == json.dumps(document()).encode()
    (looks,) = {outcome.look for outcome in store.after(0) if outcome.seat == "seat-1"}
    assert looks == 1, "the evidence is there once"
    again = json.loads(rejudge("--json").stdout)
    counts = {"judged": 2, "undecided": 0, "without_evidence": 1, "changed": 0}
    assert again == {"document": "bancada.rejudge/1", "class": "c", **counts, "changes": []}


def test_who_was_checked_meanwhile_keeps_the_newer_verdict(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(question: str) -> None:
        store.keep([seen("seat-1", Verdict.PASSED).model_copy(update={"at": "2026-02-01T00:00"})], None)

    monkeypatch.setattr(results, "consent", meanwhile)
    monkeypatch.setattr(results, "asks", lambda: True)
    done = rejudge()
    assert "Changed: 0 verdicts. 1 had a newer one by then." in done.output, done.output
    assert store.newest()["seat-1", "demo/first"].at == "2026-02-01T00:00" and store.count() == 4


@pytest.mark.parametrize("broken", ["1 / 0", "import os; os._exit(3)", "the judge dies"])
def test_nobodys_verdict_becomes_an_error(
    store: Store, exercises: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """Neither where the mended check is broken, nor where the process that judges dies."""
    check = exercises / "demo/first/test_exercise.py"
    if broken == "the judge dies":
        monkeypatch.setattr("bancada.judge.pool.Judges.judge", lambda self, document, work: [None] * len(work))
    else:
        check.write_text(HEAD + f"def test_the_effect(seat):\n    {broken}\n")
    done = rejudge("--yes")
    assert done.exit_code == 0, done.output
    assert "0 would change" in done.output and "of 2 the check says nothing now" in done.output
    assert verdicts(store) == ["failed"] * 3 and store.count() == 3
