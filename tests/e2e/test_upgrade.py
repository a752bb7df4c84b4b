"""A class that the version before made goes on under this one: its seats, its students' work, what was found."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, Bancada

pytestmark = pytest.mark.whole

BEFORE = "24ec403"
"""The last commit of version 0.1.0."""
SOLVED, UNTOUCHED = "chroot/minimal-root", "namespaces/pid"


def verdicts(found: str) -> dict[str, str]:
    return {result["exercise"]: result["verdict"] for result in json.loads(found)["results"]}


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The program as it was then, with the packages of today, which it is content with."""
    old = tmp_path / "before"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(old)], check=True)
    done = subprocess.run(["git", "checkout", "--quiet", BEFORE], cwd=old, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this clone has no history: {done.stderr.strip()}")
    shutil.copytree(ROOT / ".venv", old / ".venv", symlinks=True)
    shutil.copy(old / "requirements.lock", old / ".venv" / ".bancada-lock")
    return old


def test_a_class_of_the_version_before_goes_on(before: Path, fresh: Bancada) -> None:
    def old(*words: str) -> subprocess.CompletedProcess[str]:
        argv = ["./bancada", *words]
        return subprocess.run(argv, cwd=before, env={**os.environ, **fresh.own()}, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=1800, check=False)  # fmt: skip

    made = old("up", "seat-01")
    assert made.returncode == 0, made.stderr
    assert old("solve", "seat-01", "-e", SOLVED).returncode == 0
    assert verdicts(old("check", "seat-01", "--json").stdout)[SOLVED] == "passed"
    machine = fresh.containers()

    # Before anything is made anew the seat is judged as it stands, and what was found is known still.
    checked = fresh("check", "seat-01", "--json")
    assert checked.returncode == 1, checked.stderr
    assert verdicts(checked.stdout) == {SOLVED: "passed", "namespaces/uts": "failed", UNTOUCHED: "failed"}
    with sqlite3.connect(fresh.class_state / "results.sqlite") as db:
        rows = db.execute("SELECT verdict, looks FROM outcomes WHERE exercise = ?", (SOLVED,)).fetchall()
    # Of solve and check then, and of check now; in a row of its own where the exercise is another one by now.
    assert {verdict for verdict, _ in rows} == {"passed"} and sum(looks for _, looks in rows) == 3

    up = fresh("up", "seat-01", timeout=1800)
    assert up.returncode == 0, up.stderr
    assert fresh.containers() == machine, "its student's work was in the machine that was there"
    assert verdicts(fresh("check", "seat-01", "--json").stdout)[SOLVED] == "passed"
    again = fresh("rejudge", "--json")
    assert again.returncode == 0 and json.loads(again.stdout)["changes"] == []

    assert fresh("reset", "seat-01", "-e", SOLVED, "--yes").returncode == 0
    assert fresh("up", "seat-01").returncode == 0
    assert verdicts(fresh("check", "seat-01", "--json").stdout)[SOLVED] == "failed"
