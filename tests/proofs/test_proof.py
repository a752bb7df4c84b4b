"""Exercises proven in random order on real seats: all states seen, every mistake caught by the test it names.

`./bancada test --whole` proves all of them. Without it those are proven whose files, or what brings evidence to a
verdict, have changed since their proof, and six others, which a seed picks: that is what shows that the machinery of
proofs and resets is right. The seed is BANCADA_PROOF_SEED, else the commit's number, or the day where there is no git.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from classes import Bancada

from bancada.course import load_catalog, proven
from bancada.judge import recorded
from bancada.reach.paths import Project

PROJECT = Project.here()
OTHERS = 6
SEED = "BANCADA_PROOF_SEED"
NAME = "proofs"
"""Of the class that the seats are of: molecule's, by another name, as that one may be busy."""
CATALOG = load_catalog(PROJECT.exercises)


@dataclass(frozen=True)
class Choice:
    """What the short form proves. Who boots a machine is never picked, and what no container can have is not asked for
    by name."""

    seed: int
    stale: frozenset[str]
    picked: frozenset[str]


def _choice() -> Choice:
    here = {name: one for name, one in CATALOG.items() if "own-kernel" not in one.file.needs}
    stale = frozenset(name for name, one in here.items() if not one.is_proven or proven.is_stale(one.folder))
    others = sorted(name for name in here.keys() - stale if "qemu" not in here[name].file.needs)
    seed = _seed()
    return Choice(seed, stale, frozenset(random.Random(seed).sample(others, min(OTHERS, len(others)))))


def _seed() -> int:
    if given := os.environ.get(SEED):
        return int(given)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=PROJECT.root, capture_output=True, text=True, check=False)
    return int(commit.stdout[:8], 16) if commit.returncode == 0 else date.today().toordinal()


CHOICE = _choice()


def _exercises() -> list[Any]:
    """All of them; those that are neither stale nor picked are `whole`."""
    now = CHOICE.stale | CHOICE.picked
    return [pytest.param(name, marks=[] if name in now else [pytest.mark.whole]) for name in sorted(CATALOG)]


@dataclass(frozen=True)
class Proofs:
    bancada: Bancada
    """Whose seats they were made on."""
    found: dict[str, Any]
    """By exercise; None for what these seats cannot have."""


@pytest.fixture(scope="session")
def proofs(request: pytest.FixtureRequest) -> Iterator[Proofs]:
    """What one run of `bancada prove` says of those whose tests run; its steps are shown as they end."""
    tests: list[Any] = [*request.session.items]
    asked = [test.callspec.params["name"] for test in tests if "proofs" in test.fixturenames]
    argv = ["./bancada", "prove", "--random", "--json", "--keep"]
    if len(asked) < len(CATALOG):
        argv += [word for name in asked for word in ("--exercise", name)]
    with _class().standing() as bancada:
        with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print(f"\nstale: {', '.join(sorted(CHOICE.stale)) or 'none'}")
            print(f"picked by {SEED}={CHOICE.seed}: {', '.join(sorted(CHOICE.picked))}", flush=True)
            done = subprocess.run(
                argv, cwd=PROJECT.root, env=bancada.env(), stdout=subprocess.PIPE, text=True, check=False
            )
        assert done.stdout, f"prove ended with {done.returncode} and proved nothing; what it said is above"
        said = json.loads(done.stdout)
        found = {proof["exercise"]: proof for proof in said["proofs"]} | dict.fromkeys(said["left_out"])
        yield Proofs(bancada, found)


def _class() -> Bancada:
    """The same at each run, so that the next one takes away what a killed one left."""
    theirs = PROJECT.root / "molecule" / "default" / "inventory"
    bancada = Bancada(PROJECT.state / NAME, NAME, {"BANCADA_COURSES": str(PROJECT.courses)})
    shutil.rmtree(bancada.inventory, ignore_errors=True)
    shutil.copytree(theirs, bancada.inventory)
    variables = bancada.inventory / "group_vars" / "all.yml"
    text = variables.read_text("utf-8")
    assert "bancada_class: molecule\n" in text
    variables.write_text(text.replace("bancada_class: molecule\n", f"bancada_class: {NAME}\n"), "utf-8")
    return bancada


@pytest.mark.parametrize("name", _exercises())
def test_exercise_is_proven(proofs: Proofs, name: str) -> None:
    proof = proofs.found[name]
    if proof is None:
        exercise = CATALOG[name]
        assert exercise.is_proven, "nor was it proven elsewhere as its files are now"
        assert "own-kernel" in exercise.file.needs
        pytest.skip("a container seat cannot have it; proven on a virtual machine: see docs/evidence, proof.json")
    assert not [step for step in proof["steps"] if not step["held"]]
    assert proof["proven"] and proof["killed"] == proof["mistakes"] >= 3
    folder = CATALOG[name].folder
    judged = {seen.step: seen.tests for seen in recorded.read(folder).seen}
    steps = [step["name"] for step in proof["steps"] if " red" in step["name"] or " green" in step["name"]]
    assert list(judged) == steps and not proven.is_stale(folder)
