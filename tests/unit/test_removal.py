"""Reset removes a folder however its student has left it, and one exercise that cannot be reset stops no other."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from bancada.onseat.seatside import base, engine, main, pristine
from bancada.onseat.seatside.base import Refusal
from bancada.onseat.seatside.removal import FIXED, GET_FLAGS, SET_FLAGS, remove_tree

DEEP = """
import os, sys
os.chdir(sys.argv[1])
for _ in range(3000):
    os.mkdir("d")
    os.chdir("d")
    open("file", "w").close()
os.symlink("/etc", "link")
"""


def test_a_folder_deeper_than_there_are_descriptors_and_longer_than_any_path(tmp_path: Path) -> None:
    folder = tmp_path / "exercise"
    folder.mkdir()
    for name in (".0", ".1", "b/.0/.1"):
        (folder / name).mkdir(parents=True)
    os.mkfifo(folder / ".0" / "pipe")
    subprocess.run([sys.executable, "-c", DEEP, str(folder)], check=True)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[0], 200), before[1]))
    try:
        remove_tree(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert not folder.exists() and Path("/etc/passwd").exists()


def test_files_and_folders_that_may_not_be_changed(tmp_path: Path) -> None:
    folder = tmp_path / "exercise"
    (folder / "a" / "b").mkdir(parents=True)
    fixed = [folder / "a" / "b" / "file", folder / "a" / "b", folder / "a", folder]
    fixed[0].touch()
    for path in fixed:
        handle = os.open(path, os.O_RDONLY)
        try:
            flags = bytearray(8)
            fcntl.ioctl(handle, GET_FLAGS, flags)
            fcntl.ioctl(handle, SET_FLAGS, (int.from_bytes(flags[:4], "little") | FIXED).to_bytes(8, "little"))
        except OSError as error:
            pytest.skip(f"nothing can be made immutable in {tmp_path}: {error}")
        finally:
            os.close(handle)
    with pytest.raises(PermissionError):
        fixed[0].unlink()
    remove_tree(folder)
    assert not folder.exists()


def test_one_that_fails_does_not_stop_the_others_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    done: list[str] = []

    def reset(request: dict[str, str]) -> dict[str, bool]:
        if request["name"] == "b/two":
            raise Refusal("it is still mounted")
        done.append(request["name"])
        return {"changed": True}

    monkeypatch.setitem(main.COMMANDS, "reset", reset)
    monkeypatch.setattr(main, "see_through_proc", lambda *, keep: None)
    names = ["a/one", "b/two", "c/three"]
    assert main.main("reset", json.dumps([{"name": name} for name in names])) == 1
    assert done == ["a/one", "c/three"]
    assert json.loads(capfdbinary.readouterr().out) == {"error": {"message": "b/two: it is still mounted"}}
    assert main.main("reset", json.dumps([{"name": "a/one"}])) == 0


def test_where_docker_was_asleep_nothing_in_it_is_taken_for_an_exercises(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On a lent machine there may be its owner's containers, of years before us."""
    holds = {"containers": {"1": "owners-database"}, "images": {}, "volumes": {}, "networks": {}, "caches": {}}
    asked: list[tuple[str, ...]] = []
    (tmp_path / "containers").mkdir()
    monkeypatch.setattr(engine, "USED", (str(tmp_path / "none"), str(tmp_path / "containers")))
    monkeypatch.setattr(engine, "run", lambda *argv, **_: {"code": 3, "out": "inactive\n", "err": ""})
    monkeypatch.setattr(engine, "things", lambda: holds)

    def api(*words: str) -> None:
        asked.append(words)
        if not awake:
            raise ConnectionRefusedError

    monkeypatch.setattr(engine, "api", api)
    awake = True
    assert engine.things_before() == holds, "it is woken up, to tell"
    awake = False
    assert engine.things_before() is None and engine.silent()
    assert engine.remove_things(None, []) == [], "nothing is known to be the exercise's"
    with pytest.raises(Refusal, match="does not answer"):
        engine.remove_things(holds, [])
    awake = True
    monkeypatch.setattr(engine, "damaged", lambda: ["busybox:local"])
    asked.clear()
    assert engine.remove_things(None, []) == ["images/busybox:local"], "what was given is put back all the same"
    assert asked == [("/_ping", "HEAD"), ("/images/busybox%3Alocal?force=1", "DELETE")]


@pytest.mark.parametrize("what", [TimeoutError(), ValueError("no JSON"), http.client.BadStatusLine("x")])
def test_a_docker_that_does_not_tell_all_is_silent_and_not_empty(
    what: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was too busy to answer, or somebody else answered."""

    def api(path: str, *_: str) -> None:
        if path != "/_ping":
            raise what

    monkeypatch.setattr(engine, "is_used", lambda: True)
    monkeypatch.setattr(engine, "api", api)
    found = engine.engine()
    assert found == {} and not engine.is_told(found) and not engine.silent()


def test_an_exercise_of_dockers_does_not_begin_where_it_cannot_be_told_what_docker_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an earlier one left would count as there before, and be no later reset's."""
    monkeypatch.setattr(pristine, "STATE", tmp_path)
    monkeypatch.setattr("bancada.onseat.seatside.base.STATE", tmp_path)
    monkeypatch.setattr(engine, "silent", lambda: True)
    monkeypatch.setattr(pristine, "standing", lambda: pytest.fail("it was noted"))
    folder = tmp_path / "home" / "docker" / "image"
    request = {"name": "docker/image", "folder": str(folder), "user": "root", "claims": ["docker"]}
    with pytest.raises(Refusal, match="cannot be noted"):
        pristine.stage(request)
    assert not folder.exists()


def test_where_docker_never_ran_it_is_not_woken_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "USED", (str(tmp_path / "none"),))
    monkeypatch.setattr(engine, "run", lambda *argv, **_: {"code": 3, "out": "inactive\n", "err": ""})
    monkeypatch.setattr(engine, "api", lambda *_: pytest.fail("it was asked"))
    assert engine.things_before() == engine.things() and not any(engine.things().values())


@pytest.mark.parametrize("broken", ["[]", "{", '{"boot": ""}'])
def test_what_a_student_did_to_our_notes_is_told_with_the_file_and_nothing_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setattr(base, "STATE", tmp_path)
    (tmp_path / "a--b").mkdir()
    for name in ("staged.json", "baseline.json"):
        (tmp_path / "a--b" / name).write_text(broken)
    assert pristine.known(tmp_path / "a--b" / "staged.json").get("variant") is None
    monkeypatch.setattr(pristine, "kill", lambda *_: pytest.fail("something was ended"))
    with pytest.raises(Refusal, match=rf"{tmp_path}/a--b/baseline.json is damaged.*rm it"):
        pristine.reset({"name": "a/b", "folder": f"{tmp_path}/seat/a/b"})
