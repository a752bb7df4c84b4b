"""What a person may get wrong, and what they are told: what, where, the next command; never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import AS_ROOT, ROOT, Bancada

pytestmark = pytest.mark.whole


def test_unknown_verb(fresh: Bancada) -> None:
    done = fresh("fly")
    assert done.returncode == 2
    assert "No such command 'fly'" in done.stderr


def test_unknown_seat_names_the_seats(fresh: Bancada) -> None:
    done = fresh("up", "seat-99")
    assert done.returncode == 2
    assert f"The class {fresh.name} has no seat 'seat-99'. Its seats: seat-01, seat-02." in done.stderr
    assert "next:  ./bancada status" in done.stderr


def test_unknown_exercise_names_the_exercises(fresh: Bancada) -> None:
    done = fresh("check", "-e", "namespaces/utz")
    assert done.returncode == 2
    assert "There is no exercise 'namespaces/utz'." in done.stderr and "Did you mean namespaces/uts?" in done.stderr


def test_unknown_course_names_the_courses(fresh: Bancada) -> None:
    (fresh.inventory / "group_vars/all.yml").write_text(f"bancada_class: {fresh.name}\nbancada_course: thre\n")
    done = fresh("check")
    assert done.returncode == 2
    assert "There is no course 'thre'. The courses: three." in done.stderr


def test_unknown_provider_names_the_providers(fresh: Bancada) -> None:
    done = fresh("up", "--provider", "virtualbox")
    assert done.returncode == 2
    assert "'virtualbox' is not one of 'auto', 'vagrant', 'podman', 'existing'." in done.stderr


def test_unknown_variable_of_ours_is_refused(fresh: Bancada) -> None:
    (fresh.inventory / "group_vars/all.yml").write_text("bancada_langauge: en\n")
    done = fresh("status")
    assert done.returncode == 2
    assert "There is no variable bancada_langauge, which seat-01 has. Did you mean bancada_language?" in done.stderr


def test_broken_inventory_names_file_line_and_column(fresh: Bancada) -> None:
    (fresh.inventory / "hosts.yml").write_text("all:\n  hosts:\n    seat-01: [\n")
    done = fresh("status")
    assert done.returncode == 2
    assert "hosts.yml" in done.stderr and ":4:1" in done.stderr


def test_what_is_given_twice_is_neither_of_the_two(fresh: Bancada) -> None:
    variables = fresh.inventory / "group_vars" / "all.yml"
    once = variables.read_text()
    variables.write_text(f"{once}loop: &a [*a]\nbancada_class: another\n")
    done = fresh("status")
    assert done.returncode == 2
    assert "bancada_class is given twice in the inventory." in done.stderr
    assert f"{variables}:{once.count(chr(10)) + 2}:1" in done.stderr


def test_inventory_without_a_host(fresh: Bancada) -> None:
    (fresh.inventory / "hosts.yml").write_text("all:\n  hosts: {}\n")
    done = fresh("status")
    assert done.returncode == 2
    assert "The inventory has no host, so the class has no seat." in done.stderr


def test_broken_exercise_names_file_and_line(fresh: Bancada, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "exercises", tmp_path / "exercises")
    file = tmp_path / "exercises/namespaces/uts/exercise.yml"
    file.write_text(file.read_text().replace("minutes:", "minuets:"))
    fresh.environment["BANCADA_EXERCISES"] = str(tmp_path / "exercises")
    done = fresh("check")
    assert done.returncode == 2
    assert "There is no key 'minuets'." in done.stderr and "uts/exercise.yml:" in done.stderr
    assert "next:  ./bancada lint namespaces/uts" in done.stderr


def test_verbs_say_that_no_seat_is_up(fresh: Bancada) -> None:
    for verb in ("check", "stage", "solve", "reset"):
        done = fresh(verb, *["--all", "--yes"] * (verb == "reset"))
        assert done.returncode == 3, verb
        assert "no seat of this class is up." in done.stderr and "next:  ./bancada up" in done.stderr


def test_doctor_finds_this_computer_able(fresh: Bancada) -> None:
    done = fresh("doctor", "--json")
    assert done.returncode == 0, done.stdout
    found = {diagnosis["subject"]: diagnosis for diagnosis in json.loads(done.stdout)["diagnoses"]}
    assert set(found) == {
        "class", "system", "state", "keys", "runtime folder", "podman", "cgroups", "user namespaces", "firewall",
        "disk", "memory", "ssh", "judge", "vagrant",
    }  # fmt: skip
    assert found["podman"]["health"] == "good" and os.uname().release in found["system"]["says"]


def test_doctor_runs_where_no_class_can_be_read(fresh: Bancada) -> None:
    (fresh.inventory / "hosts.yml").write_text("all: {hosts: [\n")
    done = fresh("doctor")
    assert done.returncode == 3 and "The inventory is not YAML" in done.stdout and "OpenSSH" in done.stdout


@pytest.mark.parametrize("verb", ["up", "doctor"])
def test_no_podman(fresh: Bancada, tmp_path: Path, verb: str) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for folder in [*os.environ["PATH"].split(":"), "/usr/sbin", "/sbin"]:
        for program in Path(folder).glob("*") if Path(folder).is_dir() else ():
            if program.name != "podman" and not (programs / program.name).exists():
                (programs / program.name).symlink_to(program)
    code = "import sys; sys.argv[0] = 'bancada'; from bancada.cli import main; main()"
    python = ROOT / ".venv/bin/python"
    env = {**fresh.env(), "PATH": str(programs), "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([python, "-c", code, verb], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "podman not installed." in done.stdout + done.stderr
    assert "sudo apt-get install podman" in done.stdout + done.stderr


def test_seat_of_somebody_else_is_not_touched(fresh: Bancada) -> None:
    fresh("status")
    name = fresh.container("seat-01")
    subprocess.run(
        [*AS_ROOT, "podman", "create", "--name", name, "--rootfs", "/", "true"], check=True, capture_output=True
    )
    try:
        done = fresh("up")
        assert done.returncode == 3
        assert "seat-01 exists already, and this class did not make it, so it is left alone." in done.stderr
        done = fresh("down", "seat-01", "--yes")
        assert "seat-01 was not made by this class, so it is left alone." in done.stderr
        assert subprocess.run([*AS_ROOT, "podman", "container", "exists", name], check=False).returncode == 0
    finally:
        subprocess.run([*AS_ROOT, "podman", "rm", "--force", name], check=True, capture_output=True)


@pytest.fixture
def small_store(tmp_path: Path) -> Iterator[Path]:
    """Podman's storage on a file system of its own, of a size that the test sets by remounting."""
    if AS_ROOT:
        pytest.skip("needs root: mounts a small file system, and sudo does not pass on where Podman's storage is")
    store = tmp_path / "store"
    store.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4g", "tmpfs", str(store)], check=True)
    try:
        (tmp_path / "storage.conf").write_text(
            f'[storage]\ndriver = "overlay"\ngraphroot = "{store}/graph"\nrunroot = "{store}/run"\n'
        )
        yield store
    finally:
        subprocess.run(["umount", "--lazy", str(store)], check=True)


def test_no_room_for_an_image(fresh: Bancada, small_store: Path, tmp_path: Path) -> None:
    fresh.environment["CONTAINERS_STORAGE_CONF"] = str(tmp_path / "storage.conf")
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_store)], check=True)
    done = fresh("up")
    assert done.returncode == 3
    assert "There is no room for an image: 0.1 GiB free, 3 GiB needed." in done.stderr
    assert f"where: {small_store}/graph" in done.stderr


def test_store_that_fills_up_half_way_leaves_no_half_image(fresh: Bancada, small_store: Path, tmp_path: Path) -> None:
    fresh.environment["CONTAINERS_STORAGE_CONF"] = str(tmp_path / "storage.conf")
    running = fresh.start("up")
    try:
        # Room for the base system is there when it begins, and gone when the image is written.
        assert running.stderr is not None
        for line in running.stderr:
            if "making the base system" in line:
                break
        subprocess.run(["mount", "-o", "remount,size=100m", str(small_store)], check=True)
        _, said = running.communicate(timeout=600)
    finally:
        running.kill()
    assert running.returncode == 3, said
    assert "The disk became full half-way; nothing half-made was kept." in said
    env = {**os.environ, **fresh.environment}
    images = subprocess.run(["podman", "images", "-q"], env=env, capture_output=True, text=True, check=True)
    assert images.stdout == ""
