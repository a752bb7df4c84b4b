"""Exercises proven in random order on real seats: all states seen, every mistake caught by the test it names.

`./bancada test --whole` proves all of them. Without it those are proven whose files, or what brings evidence to a
verdict, have changed since their proof, and six others, which the commit's number (or the day, where there is no git)
picks: that is what shows that the machinery of proofs and resets is right.
"""

from __future__ import annotations

import json
import random
import subprocess
from datetime import date
from typing import Any

import pytest

from bancada.course import load_catalog, proven
from bancada.course.models import Need
from bancada.judge import recorded
from bancada.reach.paths import Project

PROJECT = Project.here()
OTHERS = 6
CATALOG = load_catalog(PROJECT.exercises)


def _exercises() -> list[Any]:
    """All of them; those that are neither stale nor picked are `whole`. Who boots a machine is never picked, and what
    no container can have is not asked for by name."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=PROJECT.root, capture_output=True, text=True, check=False)
    seed = int(commit.stdout[:8], 16) if commit.returncode == 0 else date.today().toordinal()
    here = {name: one for name, one in CATALOG.items() if Need.OWN_KERNEL not in one.file.needs}
    stale = {name for name, one in here.items() if not one.is_proven or proven.is_stale(one.folder)}
    others = sorted(name for name in here.keys() - stale if Need.QEMU not in here[name].file.needs)
    picked = random.Random(seed).sample(others, min(OTHERS, len(others)))
    print(f"to be proven: {len(stale)} stale, and with seed {seed} {', '.join(picked)}")
    now = stale.union(picked)
    return [pytest.param(name, marks=[] if name in now else [pytest.mark.whole]) for name in sorted(CATALOG)]


@pytest.fixture(scope="session")
def proofs(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What one run of `bancada prove` says of those whose tests run; its steps are shown as they end."""
    tests: list[Any] = [*request.session.items]
    asked = [test.callspec.params["name"] for test in tests if "proofs" in test.fixturenames]
    argv = ["./bancada", "prove", "--random", "--json"]
    if len(asked) < len(CATALOG):
        argv += [word for name in asked for word in ("--exercise", name)]
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(flush=True)
        done = subprocess.run(argv, cwd=PROJECT.root, stdout=subprocess.PIPE, text=True, check=False)
    assert done.stdout, f"prove ended with {done.returncode} and proved nothing; what it said is above"
    said = json.loads(done.stdout)
    return {proof["exercise"]: proof for proof in said["proofs"]} | dict.fromkeys(said["left_out"])


@pytest.mark.parametrize("name", _exercises())
def test_exercise_is_proven(proofs: dict[str, Any], name: str) -> None:
    proof = proofs[name]
    if proof is None:
        exercise = CATALOG[name]
        assert exercise.is_proven, "nor was it proven elsewhere as its files are now"
        assert Need.OWN_KERNEL in exercise.file.needs
        pytest.skip("a container seat cannot have it; proven on a virtual machine: see docs/evidence, proof.json")
    assert not [step for step in proof["steps"] if not step["held"]]
    assert proof["proven"] and proof["killed"] == proof["mistakes"] >= 3
    folder = CATALOG[name].folder
    judged = {seen.step: seen.tests for seen in recorded.read(folder).seen}
    steps = [step["name"] for step in proof["steps"] if " red" in step["name"] or " green" in step["name"]]
    assert list(judged) == steps and not proven.is_stale(folder)
