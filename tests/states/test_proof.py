"""Exercises proven in random order on real seats: all states seen, every mistake caught by the test it names.

`./bancada test --whole` proves all of them. Without it a sixth is proven, which the commit's number (or the day, where
there is no git) picks: that is what shows that the machinery of proofs, resets and evidence is right. An exercise whose
own files change is never left to that: it is refused everywhere until it is proven again.
"""

from __future__ import annotations

import json
import subprocess
from datetime import date
from typing import Any

import pytest

from bancada.catalog import load_catalog
from bancada.catalog.models import Need
from bancada.paths import Project

PROJECT = Project.here()
SHARES = 6
CATALOG = load_catalog(PROJECT.exercises)


def _exercises() -> list[Any]:
    """All of them; `whole` are those that boot a machine in the seat, and those whose turn it is not."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=PROJECT.root, capture_output=True, text=True, check=False)
    turn = (int(commit.stdout, 16) if commit.returncode == 0 else date.today().toordinal()) % SHARES
    long = {
        name
        for number, (name, exercise) in enumerate(sorted(CATALOG.items()))
        if number % SHARES != turn or {Need.QEMU, Need.OWN_KERNEL} & set(exercise.file.needs)
    }
    return [pytest.param(name, marks=[pytest.mark.whole] if name in long else []) for name in sorted(CATALOG)]


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
