"""Every step of every proof judged again, from the evidence that it left: the same tests must say the same.

A change of a check, of `expect`, of the models of evidence or of the judge shows here within a minute, with no seat.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bancada.course import load_catalog, proven
from bancada.judge import recorded
from bancada.judge.pool import Judges
from bancada.reach.paths import Project
from bancada.seats.checking import check_of

CATALOG = load_catalog(Project.here().exercises)
MOST = 8 * 2**20
"""Bytes of all evidence together."""


@pytest.fixture(scope="session")
def judges() -> Iterator[Judges]:
    judges = Judges()
    yield judges
    judges.close()


@pytest.mark.parametrize("name", sorted(CATALOG))
def test_each_step_of_the_proof_is_judged_as_it_was(judges: Judges, name: str) -> None:
    exercise = CATALOG[name]
    if "own-kernel" in exercise.file.needs and not (exercise.folder / proven.RECORD).exists():
        pytest.skip("proven on a virtual machine before evidence was kept; its next proof there keeps it")
    record, check = recorded.read(exercise.folder), check_of(exercise)
    assert len(record.seen) >= 4 + len(exercise.alternatives) + len(exercise.mistakes)
    for seen in record.seen:
        (judged,) = judges.judge(seen.document, [(check, record.variant)])
        assert judged, "the process that judges died"
        said = {test.name: test.verdict for test in judged.tests}
        told = {test.name: str(test.found) for test in judged.tests if test.verdict != seen.tests.get(test.name)}
        assert said == seen.tests, f"{seen.step}: {told}"


def test_all_evidence_together_is_small() -> None:
    records = [exercise.folder / proven.RECORD for exercise in CATALOG.values()]
    assert sum(record.stat().st_size for record in records if record.exists()) <= MOST
