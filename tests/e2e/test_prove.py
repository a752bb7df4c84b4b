"""The proof can fail: a check, a mistake or a claim that is wrong is found out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, Bancada

pytestmark = pytest.mark.whole

NAME = "namespaces/uts"


def test_proof_finds_a_wrong_exercise_out(bancada: Bancada, tmp_path: Path) -> None:
    folder = tmp_path / "exercises" / NAME
    shutil.copytree(ROOT / "exercises" / NAME, folder)
    file = folder / "exercise.yml"
    file.write_text(file.read_text().replace("survives_reboot: false", "survives_reboot: true"))
    for script in [*(folder / "mistakes").glob("*.sh"), *(folder / "alternatives").glob("*.sh")]:
        script.unlink()
    head = "#!/usr/bin/env bash\n# caught by: test_the_new_namespace_has_the_hostname\n"
    (folder / "mistakes/nothing_done.sh").write_text(head)
    (folder / "mistakes/no_mistake_at_all.sh").write_text(head + (folder / "solution.sh").read_text())
    (folder / "mistakes/litter.sh").write_text(head + "sudo touch /srv/litter\n")
    bancada.environment["BANCADA_EXERCISES"] = str(tmp_path / "exercises")
    try:
        done = bancada("prove", "seat-01", "-e", NAME, "--yes", "--json")
    finally:
        del bancada.environment["BANCADA_EXERCISES"]
        bancada("ssh", "seat-01", "sudo rm -f /srv/litter")
        bancada("reset", "seat-01", "-e", NAME, "--yes")
        bancada("stage", "seat-01", "-e", NAME)
    assert done.returncode == 1, done.stderr
    (proof,) = json.loads(done.stdout)["proofs"]
    assert (proof["proven"], proof["killed"], proof["mistakes"]) == (False, 2, 3)
    broken = {step["name"]: step["detail"] for step in proof["steps"] if not step["held"]}
    assert broken.keys() == {
        # A namespace does not outlive the kernel's processes: the seat really was rebooted.
        "after a reboot it is still green",
        "mistake no_mistake_at_all is red at test_the_new_namespace_has_the_hostname",
        "reset after mistake litter leaves nothing",
        # What litter left behind is still there when the next one is looked at.
        "reset after mistake no_mistake_at_all leaves nothing",
        "reset after mistake nothing_done leaves nothing",
    }, broken
    assert not (folder / "proof.json").exists()
    assert any("left over: files/" in step["detail"] and "litter" in step["detail"] for step in proof["steps"])


def test_a_draft_is_tried_without_a_proof(bancada: Bancada, tmp_path: Path) -> None:
    """Its author sees what the check says, of the solution and of a mistake; nobody else can use it yet."""
    folder = tmp_path / "exercises" / NAME
    shutil.copytree(ROOT / "exercises" / NAME, folder)
    check = folder / "test_exercise.py"
    check.write_text(check.read_text() + "\n# a draft\n")
    bancada.environment["BANCADA_EXERCISES"] = str(tmp_path / "exercises")
    before = bancada.verdicts()
    try:
        refused = bancada("check", "seat-01", "-e", NAME)
        assert refused.returncode == 2 and f"{NAME} is not proven" in refused.stderr
        wrong = bancada("try", "seat-01", NAME, "mistakes/on_the_seat_itself.sh", "--afresh", "--yes")
        assert wrong.returncode == 1 and "✗ test_the_seat_keeps_its_own_hostname" in wrong.stdout, wrong.stdout
        right = bancada("try", "seat-01", NAME, "solution.sh", "--afresh", "--yes")
        assert right.returncode == 0, right.stdout + right.stderr
        assert right.stdout.count("✓ test_") == 3 and "✗" not in right.stdout
        misspelt = bancada("try", "seat-01", NAME, "solutoin.sh")
        assert misspelt.returncode == 2 and "Did you mean solution.sh?" in misspelt.stderr
        unasked = bancada("try", "seat-01", NAME, "--afresh")
        assert unasked.returncode == 2 and "--yes" in unasked.stderr
    finally:
        del bancada.environment["BANCADA_EXERCISES"]
        bancada("reset", "seat-01", "-e", NAME, "--yes")
        bancada("stage", "seat-01", "-e", NAME)
    assert bancada.verdicts() == before, "a draft's verdict is kept nowhere"
