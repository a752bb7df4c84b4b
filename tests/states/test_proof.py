"""Every exercise, proven in random order on real seats: all states seen, every mistake caught by the test it names."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from bancada.catalog import load_catalog
from bancada.catalog.exercise import folders
from bancada.catalog.models import Need
from bancada.paths import Project

PROJECT = Project.here()
NAMES = [f"{folder.parent.name}/{folder.name}" for folder in folders(PROJECT.exercises)]


@pytest.fixture(scope="session")
def proofs(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What one run of `bancada prove` says of each exercise; it takes long, so its steps are shown as they end."""
    argv = ["./bancada", "prove", "--random", "--json"]
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(flush=True)
        done = subprocess.run(argv, cwd=PROJECT.root, stdout=subprocess.PIPE, text=True, check=False)
    assert done.stdout, f"prove ended with {done.returncode} and proved nothing; what it said is above"
    said = json.loads(done.stdout)
    return {proof["exercise"]: proof for proof in said["proofs"]} | dict.fromkeys(said["left_out"])


@pytest.mark.parametrize("name", NAMES)
def test_exercise_is_proven(proofs: dict[str, Any], name: str) -> None:
    proof = proofs[name]
    if proof is None:
        exercise = load_catalog(PROJECT.exercises)[name]
        assert exercise.is_proven, "nor was it proven elsewhere as its files are now"
        assert Need.OWN_KERNEL in exercise.file.needs
        pytest.skip("a container seat cannot have it; proven on a virtual machine: see docs/evidence, proof.json")
    assert not [step for step in proof["steps"] if not step["held"]]
    assert proof["proven"] and proof["killed"] == proof["mistakes"] >= 3
