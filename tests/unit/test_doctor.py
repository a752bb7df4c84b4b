"""`bancada doctor` runs also where nothing else does, and knows what errors send people to it for."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from bancada.doctor import computer as doctor
from bancada.doctor import of_class
from bancada.inventory import Class
from bancada.providers import MAKERS
from bancada.providers.podman import diagnosis as of_podman
from bancada.providers.vagrant import diagnosis as of_vagrant
from bancada.reach import private
from bancada.reach.paths import ClassState, Project
from bancada.records import keep_provider
from bancada.words.diagnosis import Diagnosis, Health, diagnosed
from bancada.words.errors import BenchError
from bancada.words.i18n import Language


@pytest.fixture
def cls(tmp_path: Path) -> Class:
    """A class that keeps a secret and two keys, one in a folder of its own."""
    state = ClassState(tmp_path / "state" / "classes" / "c")
    for file in (state.secret, state.admin_key, state.student_key("seat-01")):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    return Class("c", "", Language.EN, (), tmp_path, state)


def test_a_class_that_cannot_be_read_is_one_finding_of_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(provider: Any, *_: object) -> Diagnosis:
        assert provider.cls.seats == ()
        raise BenchError("This needs root, and there is no sudo.", next="as root: …")

    for look in ("_podman", "_user_namespaces", "_disk"):
        monkeypatch.setattr(of_podman, look, breaks)
    monkeypatch.setattr(of_vagrant, "_vagrant", breaks)
    monkeypatch.setenv("BANCADA_INVENTORY", str(tmp_path / "none"))
    found = {one.subject: one for one in doctor.examine(Project(tmp_path, tmp_path))}
    assert found["class"].health is Health.LACK and "There is no inventory" in found["class"].says
    assert found["podman"] == Diagnosis("podman", Health.LACK, "This needs root, and there is no sudo.", "as root: …")
    assert found["memory"].health is Health.GOOD and len(found) == 14
    assert not (tmp_path / "classes").exists(), "who only looks makes nothing"


@pytest.mark.parametrize(("why", "health"), [("", Health.GOOD), ("unshare: EPERM", Health.NOTE)])
def test_whether_checks_are_shut_in_is_told(
    why: str, health: Health, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [one.health for one in doctor.examine(Project(tmp_path, tmp_path)) if one.subject == "judge"], "it is asked"
    monkeypatch.setattr(doctor, "why_open", lambda: why)
    (judge,) = [one for one in doctor.examine(Project(tmp_path, tmp_path)) if one.subject == "judge"]
    assert judge.health is health and why in judge.says


def test_each_provider_tells_what_it_needs_and_doctor_knows_none(
    cls: Class, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lxc:
        def __init__(self, cls: Class) -> None: ...

        def diagnose(self) -> list[Diagnosis]:
            return [Diagnosis("lxc", Health.NOTE, "it is another one")]

    monkeypatch.setattr(doctor, "MAKERS", {"lxc": Lxc})
    *own, last = doctor.examine(Project(tmp_path, tmp_path))
    assert last == Diagnosis("lxc", Health.NOTE, "it is another one")
    assert [one.subject for one in own] == [
        "class",
        "system",
        "state",
        "keys",
        "runtime folder",
        "memory",
        "ssh",
        "judge",
    ]
    source = Path(doctor.__file__).read_text(encoding="utf-8").lower()
    assert not [name for name in MAKERS if name in source]


def test_keys_that_others_can_read_are_told_with_what_mends_them(cls: Class) -> None:
    assert of_class.keys(cls).health is Health.GOOD
    cls.state.student_key("seat-01").chmod(0o640)
    cls.state.secret.chmod(0o604)
    told = of_class.keys(cls)
    assert told.health is Health.LACK and "others may read" in told.says
    subprocess.run(shlex.split(told.mend), check=True)
    assert of_class.keys(cls).health is Health.GOOD


def test_a_secret_that_is_lost_is_told(cls: Class) -> None:
    cls.state.secret.unlink()
    assert "secret is lost" in of_class.keys(cls).says


def test_a_key_without_which_no_seat_is_entered_is_told(cls: Class) -> None:
    cls.state.admin_key.unlink()
    assert of_class.keys(cls).health is Health.GOOD, "none was made yet"
    keep_provider(cls.state, "podman")
    told = of_class.keys(cls)
    assert told.health is Health.LACK and "administrator key is lost" in told.says and "down --all" in told.mend


def test_a_class_that_never_was_lacks_nothing(cls: Class) -> None:
    shutil.rmtree(cls.state.folder)
    assert of_class.keys(cls).health is Health.GOOD


def test_a_state_of_somebody_else_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cls: Class) -> None:
    project = Project(tmp_path, tmp_path / "state")
    assert of_class.state(project).health is Health.GOOD
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    told = of_class.state(project)
    assert told.health is Health.LACK and "sudo chown -R" in told.mend and str(tmp_path / "state") in told.mend


def test_a_full_disk_is_told_where_the_state_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_class, "free_bytes", lambda path: 3 * 2**20 if path == tmp_path else 2**40)
    told = of_class.state(Project(tmp_path, tmp_path / "not" / "there"))
    assert told.health is Health.LACK and told.says == f"3 MiB free at {tmp_path}, 200 needed"


@pytest.mark.parametrize(("folder", "health"), [("", Health.GOOD), ("not/there", Health.LACK), ("x" * 90, Health.LACK)])
def test_a_folder_for_sockets_must_be_there_and_short(
    folder: str, health: Health, cls: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="b") as short:
        parent = Path(short) / folder
        if health is Health.GOOD or len(folder) > 50:
            parent.mkdir(exist_ok=True)
        monkeypatch.setattr(private, "_parents", lambda: iter([parent]))
        (told,) = diagnosed({"runtime folder": lambda: of_class.runtime(cls)})
    assert told.health is health and "XDG" not in told.mend
