"""What a proof leaves beside its exercise: the evidence of its steps, and of which machinery it was."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest
from documents import document

from bancada.course import load_catalog, proven, require_proven
from bancada.judge import recorded
from bancada.judge.recorded import Record, Seen
from bancada.judge.verdict import Verdict
from bancada.words.errors import UsageError


def test_what_is_recorded_is_read_again_and_what_is_the_same_is_there_once(tmp_path: Path) -> None:
    one, other = document(), document(hostname="other", probes={"a/b": {"answer": "é\u2028 \\ud800"}})
    steps = [
        Seen("staged is red", json.dumps(one).encode(), {"test_it": Verdict.FAILED}),
        Seen("mistake x is red", json.dumps(other, ensure_ascii=False).encode(), {"test_it": Verdict.ERROR}),
    ]
    recorded.write(tmp_path, Record({"word": "w", "port": 7}, steps))
    found = recorded.read(tmp_path)
    assert found.variant == {"word": "w", "port": 7}
    assert [(seen.step, seen.tests, json.loads(seen.document)) for seen in found.seen] == [
        (seen.step, seen.tests, said) for seen, said in zip(steps, (one, other), strict=True)
    ]
    parts = json.loads(lzma.decompress((tmp_path / proven.RECORD).read_bytes()))["parts"]
    assert parts.count(one["processes"]) == 1 and len(parts) < len(one) + 3


@pytest.mark.parametrize("damage", [b"", b"no xz", lzma.compress(b"[]"), lzma.compress(b'{"variant": {}}')])
def test_a_damaged_record_is_told(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / proven.RECORD).write_bytes(damage)
    with pytest.raises(UsageError, match="cannot be read") as error:
        recorded.read(tmp_path)
    assert error.value.next.startswith("./bancada prove -e ")


def test_a_document_that_names_no_part_is_told(tmp_path: Path) -> None:
    recorded.write(tmp_path, Record({}, [Seen("x", b'{"evidence": 2}', {})]))
    file = json.loads(lzma.decompress((tmp_path / proven.RECORD).read_bytes()))
    file["parts"] = []
    (tmp_path / proven.RECORD).write_bytes(lzma.compress(json.dumps(file).encode()))
    with pytest.raises(UsageError, match="cannot be read"):
        recorded.read(tmp_path)


def test_a_proof_by_another_machinery_is_stale_and_keeps_nobody_from_the_exercise(
    exercises: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = exercises / "demo/first"
    proven.note(folder, load_catalog(exercises)["demo/first"].content, "3/3")
    recorded.write(folder, Record({}, []))
    exercise = load_catalog(exercises)["demo/first"]
    assert exercise.is_proven and not proven.is_stale(folder), "neither file is part of what is proven"
    monkeypatch.setattr(proven, "machinery", lambda: "another")
    assert exercise.is_proven and proven.is_stale(folder)
    require_proven([exercise])


@pytest.mark.parametrize("changed", ["evidence/model.py", "onseat/seatside/collect.py", "judge/judge.py"])
def test_collector_models_and_judge_are_the_machinery(
    changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in proven.MACHINERY:
        for file in proven.PACKAGE.glob(part):
            copy = tmp_path / file.relative_to(proven.PACKAGE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    monkeypatch.setattr(proven, "PACKAGE", tmp_path)
    of = proven.machinery.__wrapped__
    before = of()
    (tmp_path / changed).write_text((tmp_path / changed).read_text() + "\n")
    assert of() != before
