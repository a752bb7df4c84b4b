"""Every exercise, proven on the seat: all its states seen, every mistake caught by the test that it names."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from bancada.catalog.exercise import folders
from bancada.paths import Project

PROJECT = Project.here()
NAMES = [f"{folder.parent.name}/{folder.name}" for folder in folders(PROJECT.exercises)]


@pytest.mark.parametrize("name", NAMES)
def test_exercise_is_proven(host: Any, name: str) -> None:
    seat = host.backend.get_hostname()
    done = subprocess.run(
        ["./bancada", "prove", seat, "-e", name, "--json"],
        cwd=PROJECT.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    (proof,) = json.loads(done.stdout)["proofs"]
    assert not [step for step in proof["steps"] if not step["held"]]
    assert proof["proven"] and proof["killed"] == proof["mistakes"] >= 3
    assert done.returncode == 0
