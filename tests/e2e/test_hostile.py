"""The shell and the folder that a command is typed in change nothing: neither what is done nor what is said."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import AS_ROOT, ROOT, Bancada

from bancada.reach.paths import ClassState

pytestmark = pytest.mark.whole

EXERCISE = "namespaces/uts"
HOSTILE = {
    "ANSIBLE_RUN_TAGS": "web",
    "ANSIBLE_ROLES_PATH": "/etc/ansible/roles",
    "ANSIBLE_CALLBACK_PLUGINS": "/root/.ansible/plugins/callback",
    "ANSIBLE_REMOTE_USER": "deploy",
    "ANSIBLE_REMOTE_PORT": "2222",
    "ANSIBLE_BECOME_USER": "nobody",
    "ANSIBLE_BECOME_METHOD": "su",
    "ANSIBLE_INVENTORY_ENABLED": "ini",
    "ANSIBLE_VAULT_PASSWORD_FILE": "/gone",
    "PYTEST_ADDOPTS": "-x -k keeps_its_own",
    "PYTEST_PLUGINS": "nonexistent",
    "PIP_USER": "1",
    "PYTHONOPTIMIZE": "2",
    "PYTHONSTARTUP": "/gone",
    "PYTHONWARNINGS": "error",
    "CONTAINER_HOST": "tcp://192.0.2.1:1",
    "XDG_RUNTIME_DIR": "/nowhere",
    "TMPDIR": "/nowhere",
    "LANG": "pt_BR.UTF-8",
    "LC_ALL": "pt_BR.UTF-8",
    "HOME": "/nonexistent",
}
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def hostile(bancada: Bancada, tmp_path: Path) -> Run:
    """For the shared class."""
    return hostile_shell(bancada, tmp_path)


def hostile_shell(bancada: Bancada, tmp_path: Path) -> Run:
    """Runs a verb for the class from a folder, and in an environment, that say other things at every turn."""
    for name in ("json.py", "click.py", "ansible.py", "pytest.py", "conftest.py"):
        (tmp_path / name).write_text("raise SystemExit('a module of the person')\n")
    for name, text in {
        "group_vars/all.yml": "{bancada_class: theirs, bancada_course: theirs, docker_source: theirs}\n",
        "host_vars/seat-01.yml": "bancada_class: theirs\n",
        "ansible.cfg": "[defaults]\nremote_user = theirs\n",
        "pytest.ini": "[pytest]\naddopts = --theirs\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    env = {**bancada.env(), **HOSTILE, "PYTHONPATH": str(tmp_path)}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(ROOT / "bancada"), *words], cwd=tmp_path, env=env, umask=0o077, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip

    return run


def states(bancada: Bancada) -> dict[str, str]:
    seats = json.loads(bancada("status", "--json").stdout)["seats"]
    return dict(next(seat["exercises"] for seat in seats if seat["seat"] == "seat-01"))


def judged(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [{key: value for key, value in one.items() if key != "at"} for one in json.loads(done.stdout)["results"]]


def test_verbs_that_look_see_the_same(bancada: Bancada, hostile: Run) -> None:
    for words in (["status", "--json"], ["lint"], ["up"], ["ssh", "seat-01", "id -un; umask; locale; pwd"]):
        usual, done = bancada(*words), hostile(*words)
        assert done.returncode == usual.returncode == 0, done.stderr
        if words != ["up"]:  # which says how long it took
            assert (done.stdout, done.stderr) == (usual.stdout, usual.stderr)
        else:
            assert "Nothing changed: every seat was ready already" in done.stdout
    usual, done = bancada("check", "seat-01", "--json"), hostile("check", "seat-01", "--json")
    assert done.returncode == usual.returncode == 1, done.stderr
    assert judged(done) == judged(usual)
    usual, done = bancada("doctor", "--json"), hostile("doctor", "--json")
    health = [{one["subject"]: one["health"] for one in json.loads(said.stdout)["diagnoses"]} for said in (usual, done)]
    assert health[0] == health[1] and done.stderr == usual.stderr
    usual, done = bancada("report"), hostile("report")
    assert (done.returncode, done.stdout, done.stderr) == (usual.returncode, usual.stdout, usual.stderr)


def test_verbs_that_change_seats_do_the_same(bancada: Bancada, hostile: Run) -> None:
    before = states(bancada)
    try:
        assert before[EXERCISE] == "staged"
        done = hostile("reset", "seat-01", "-e", EXERCISE, "--yes")
        assert done.returncode == 0 and states(bancada)[EXERCISE] == "pristine", done.stderr
        done = hostile("stage", "seat-01", "-e", EXERCISE)
        assert done.returncode == 0 and states(bancada)[EXERCISE] == "staged", done.stderr
        done = hostile("solve", "seat-01", "-e", EXERCISE)
        assert done.returncode == 0 and states(bancada)[EXERCISE] == "solved", done.stderr
        assert hostile("check", "seat-01", "-e", EXERCISE).returncode == 0
    finally:
        bancada("reset", "seat-01", "-e", EXERCISE, "--yes")
        bancada("stage", "seat-01", "-e", EXERCISE)
    assert states(bancada) == before


def test_a_class_is_made_proven_and_destroyed_the_same(fresh: Bancada, tmp_path: Path) -> None:
    """With an exercise that is new and one that is proven anew, in exercises of its own."""
    shutil.copytree(ROOT / "exercises", tmp_path / "exercises")
    (proof := tmp_path / "exercises" / EXERCISE / "proof.json").unlink()
    fresh.environment["BANCADA_EXERCISES"] = str(tmp_path / "exercises")
    (folder := tmp_path / "elsewhere").mkdir()
    hostile = hostile_shell(fresh, folder)
    assert (done := hostile("prove", "-e", EXERCISE)).returncode == 0, done.stdout + done.stderr
    assert proof.read_text() == (ROOT / "exercises" / EXERCISE / "proof.json").read_text()
    for words, said in (
        (["bake"], "nothing to do"),
        (["up"], "ready"),
        (["restore", "seat-01", "--yes"], "seat-01"),
        (["new", "mine/own"], "mine/own"),
        (["down", "--all", "--yes"], "seat-01"),
    ):
        assert (done := hostile(*words)).returncode == 0, (words, done.stderr)
        assert said in done.stdout + done.stderr, (words, done.stdout, done.stderr)
        assert len(fresh.containers()) == (words[0] in ("up", "restore", "new"))
    assert (tmp_path / "exercises/mine/own/task.en.md").is_file()
    assert not list(folder.rglob(".bancada")) and states(fresh) == {}


def test_class_is_the_inventorys_wherever_one_stands(bancada: Bancada, hostile: Run) -> None:
    """Nothing of another class is believed, nor remembered: the answer for a changed inventory is asked for there."""
    group_vars = bancada.inventory / "group_vars" / "all.yml"
    before = group_vars.read_text()
    group_vars.write_text(before + "# read anew\n")
    try:
        assert json.loads(hostile("status", "seat-02", "--json").stdout)["class"] == bancada.name
        assert json.loads(bancada("status", "seat-02", "--json").stdout)["class"] == bancada.name
    finally:
        group_vars.write_text(before)
    assert bancada.class_state.is_dir() and not (bancada.state / "classes" / "theirs").exists()


@pytest.fixture
def full(bancada: Bancada, tmp_path: Path) -> Iterator[Bancada]:
    """The shared class, with its state copied to a disk that is full."""
    if AS_ROOT:
        pytest.skip("needs root: mounts a small file system")
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(small)], check=True)
    try:
        shutil.copytree(bancada.state / "classes", small / "classes")
        full = replace(bancada, environment={"BANCADA_STATE": str(small)})
        assert full("status").returncode == 0  # with the class read, and its addresses known
        with pytest.raises(OSError, match="No space left"), (small / "filling").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        yield full
    finally:
        shutil.rmtree(ClassState(small / "classes" / bancada.name).sockets)
        subprocess.run(["umount", "--lazy", str(small)], check=True)


def test_full_disk_stops_nobody_who_writes_nothing_nor_takes_a_seat_away(bancada: Bancada, full: Bancada) -> None:
    assert full("status", "--json").stdout == bancada("status", "--json").stdout
    assert full("ssh", "seat-01", "id -un").stdout == "student\n"
    small = Path(full.environment["BANCADA_STATE"])
    done = full("check", "seat-01")
    assert done.returncode == 3 and "full" in done.stdout + done.stderr
    done = full("stage", "seat-01")
    assert done.returncode == 3 and f"The disk is full.\n  where: {small}" in done.stderr, done.stderr
    assert "next:  df -h " in done.stderr
    assert not [path for path in (small / "classes").rglob(".*") if path.is_file()]
    assert bancada("up", "seat-02", "--bare").returncode == 0
    done = full("down", "seat-02", "--yes")
    assert done.returncode == 0 and f"Class {bancada.name}. Gone: seat-02.\n" in done.stdout, done.stderr
    (small / "filling").unlink()
    assert full("check", "seat-01").returncode == 1
