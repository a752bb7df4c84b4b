"""An exercise that a container seat cannot have: the course goes on without it, and nobody is blamed."""

from __future__ import annotations

import json
import shutil

import pytest
from conftest import ROOT, Bancada

from bancada.course import load_catalog

pytestmark = pytest.mark.whole

NEEDY = "namespaces/uts"
WHY = "the exercise needs a kernel of its own, and this seat is a container"


def test_a_course_works_without_what_a_container_cannot_have(fresh: Bancada) -> None:
    exercises = fresh.folder / "exercises"
    for name in ("chroot/minimal-root", NEEDY, "namespaces/pid"):
        shutil.copytree(ROOT / "exercises" / name, exercises / name)
    file = exercises / NEEDY / "exercise.yml"
    file.write_text(file.read_text().replace("needs: []", "needs: [own-kernel]"))
    digest = load_catalog(exercises)[NEEDY].digest
    (exercises / NEEDY / "proof.json").write_text(json.dumps({"digest": digest, "kill_score": "1/1"}))
    fresh.environment["BANCADA_EXERCISES"] = str(exercises)

    up = fresh("up", "seat-01", timeout=1800)
    assert up.returncode == 0 and f"{NEEDY} is left out on seat-01: {WHY}" in up.stderr, up.stderr
    assert "nothing to do" in fresh("up", "seat-01").stdout
    course = fresh("check", "seat-01")
    assert course.returncode == 1 and NEEDY not in course.stdout and f"{NEEDY} is left out" in course.stderr
    named = json.loads(fresh("check", "seat-01", "-e", NEEDY, "--json").stdout)["results"]
    assert [result["verdict"] for result in named] == ["error"] and WHY in named[0]["tests"][0]["found"]["en"]
    for verb in (["stage"], ["check"], ["reset", "--yes"]):
        done = fresh(*verb, "seat-01", "-e", NEEDY)
        assert done.returncode == 3 and WHY in done.stdout + done.stderr, done.stderr
    named_proof = fresh("prove", "seat-01", "-e", NEEDY, "--yes")
    assert named_proof.returncode == 3 and f"seat-01 cannot have {NEEDY}: {WHY}" in named_proof.stderr
    report = fresh("report")
    assert report.returncode == 2 and "no exercise that measures" in report.stderr, report.stderr
