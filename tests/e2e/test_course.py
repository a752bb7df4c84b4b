"""The whole course on one seat: every exercise solved beside all the others, and judged together."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT, Bancada

from bancada.course import load_catalog, load_course

pytestmark = pytest.mark.whole


def test_all_exercises_of_the_course_are_solved_on_one_seat_and_none_spoils_another(fresh: Bancada) -> None:
    course = load_course(ROOT / "courses", "fundamentos", load_catalog(ROOT / "exercises"))
    possible = [exercise.name for exercise in course if "own-kernel" not in exercise.file.needs]  # in a container
    fresh.environment["BANCADA_COURSES"] = str(ROOT / "courses")
    variables = fresh.inventory / "group_vars" / "all.yml"
    variables.write_text(variables.read_text().replace("three", "fundamentos"))
    assert (done := fresh("up", "seat-01", timeout=1800)).returncode == 0, done.stderr
    before = json.loads(fresh("check", "seat-01", "--json").stdout)["results"]
    assert [result["exercise"] for result in before] == possible
    assert {result["verdict"] for result in before} == {"failed"}
    assert (done := fresh("solve", "seat-01", timeout=1800)).returncode == 0, done.stderr
    after = json.loads(fresh("check", "seat-01", "--json").stdout)["results"]
    assert not [result for result in after if result["verdict"] != "passed"]
    assert (done := fresh("reset", "seat-01", "--yes", timeout=600)).returncode == 0, done.stderr
    left = json.loads(fresh("check", "seat-01", "--json").stdout)["results"]
    assert {(result["verdict"], result["state"]) for result in left} == {("failed", "pristine")}
