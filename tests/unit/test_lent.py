"""What counts as ours on a lent machine that died while an `up` was at work there."""

from __future__ import annotations

import importlib.util
import os
import shlex
import signal
import sys
import time
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import Any

import pytest

from bancada.providers.existing.lent import BEAT_SECONDS, LENT, Hold
from bancada.reach.paths import ClassState
from bancada.words.errors import BenchError


@pytest.fixture
def lent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program, with its notes in a folder of the test's."""
    spec = importlib.util.spec_from_file_location("lent_program", LENT)
    assert spec is not None and spec.loader is not None
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    home = tmp_path / "note"
    home.mkdir()
    for name, file in (("OPEN", "open.json"), ("OURS", "ours.json"), ("ETC", "etc"), ("STATUS", "status")):
        monkeypatch.setattr(program, name, home / file)
    monkeypatch.setattr(program, "MARKS", str(home))
    (home / "etc").mkdir()
    return program


def looks(folder: Path, packages: dict[str, str], users: list[str]) -> dict[str, Any]:
    """A machine whose owner keeps files in this folder."""
    files = {str(path): ["0o100644", 0, 0, path.read_text()] for path in folder.glob("*.conf")}
    entries = sorted(path.name for path in folder.iterdir())
    return {"files": files, "folders": {str(folder): entries}, "empty": {}, "settings": {},
            "packages": packages, "auto": [], "users": users, "groups": []}  # fmt: skip


@pytest.mark.parametrize("died", [True, False])
def test_what_is_newer_than_the_last_word_of_an_up_is_nobodys(
    lent: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, died: bool
) -> None:
    srv = tmp_path / "srv"
    srv.mkdir()
    lent.write(lent.OPEN, looks(srv, {}, ["root"]))
    empty: dict[str, object] = {
        "files": {},
        "packages": [],
        "auto": [],
        "want": {},
        "users": [],
        "groups": [],
        "made": [],
        "filled": {},
    }
    lent.write(lent.OURS, {**empty, "settings": {}})
    (srv / "ours.conf").write_text("ours")
    word = os.lstat(srv / "ours.conf").st_ctime
    os.utime(lent.OPEN, (word, word))
    while not (srv / "thesis.conf").exists() or os.lstat(srv / "thesis.conf").st_ctime <= word:
        (srv / "thesis.conf").write_text("theirs")  # the kernel's clock for files moves in steps
    lent.STATUS.write_text("newer than the last word, as all is that dpkg noted since")
    monkeypatch.setattr(lent, "manifest", lambda: looks(srv, {"postgresql": "install"}, ["root", "student", "maria"]))
    monkeypatch.setattr(lent, "package_file", lambda name: str(lent.STATUS))
    changed = lent.changed_at
    monkeypatch.setattr(lent, "changed_at", lambda path: word + 1 if path == "/etc/passwd" else changed(path))
    lent.close_stale_note() if died else lent.close_note()
    ours = lent.read(lent.OURS)
    theirs = [] if died else [f"{srv}/thesis.conf"]
    assert sorted(ours["files"]) == sorted(ours["made"]) == [f"{srv}/ours.conf", *theirs]
    assert ours["packages"] == ([] if died else ["postgresql"])
    assert ours["users"] == (["student"] if died else ["student", "maria"])
    left = [f"{srv}/thesis.conf", "the package postgresql", "maria of /etc/passwd"]
    assert ours["left"] == (left if died else []) and not lent.OPEN.exists()


def test_what_docker_had_started_is_stopped_with_it(lent: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def run(*argv: str, **_: bool) -> str:
        asked.append(argv)
        return "inactive\n"

    monkeypatch.setattr(lent, "run", run)
    lent.stop_units({"files": {}, "packages": ["docker.io"], "online": lent.is_online()})
    stopped = [argv[2] for argv in asked if argv[1] == "stop"]
    assert "docker.service" in stopped and stopped[-1] == "network-online.target" and "basic.target" not in stopped
    asked.clear()
    lent.stop_units({"files": {}, "packages": ["docker.io"], "online": True})  # its owner's machine was online before
    lent.stop_units({"files": {}, "packages": ["docker.io"]})  # noted by a Bancada that did not look
    assert "network-online.target" not in [argv[2] for argv in asked]


@pytest.mark.parametrize("comes", ["open_note", "give_back"])
def test_who_comes_after_a_machine_died_takes_only_what_is_as_old_as_the_last_word(
    lent: ModuleType, monkeypatch: pytest.MonkeyPatch, comes: str
) -> None:
    class Closed(Exception):
        pass

    def close_note(until: float | None = None) -> None:
        raise Closed(until)

    monkeypatch.setattr(lent, "close_note", close_note)
    for note in (lent.OPEN, lent.OURS):
        lent.write(note, {})
    os.utime(lent.OPEN, (1764000000, 1764000000))
    with pytest.raises(Closed, match="1764000000"):
        lent.open_note("owner") if comes == "open_note" else lent.give_back()


@pytest.mark.parametrize("words", [b"", b"\n", b"\n\n"])
def test_a_silence_ends_the_lease_and_each_word_is_the_last_so_far(
    lent: ModuleType, monkeypatch: pytest.MonkeyPatch, words: bytes
) -> None:
    """The pipe stays open, as a connection does whose other end lost its power."""
    lent.write(lent.OPEN, {})
    os.utime(lent.OPEN, (0, 0))
    monkeypatch.setattr(lent, "LEASE", 1)
    reader, writer = os.pipe()
    with os.fdopen(reader, "r") as heard, os.fdopen(writer, "wb", buffering=0) as said:
        monkeypatch.setattr(sys, "stdin", heard)
        said.write(words)
        began = time.monotonic()
        lent.listen()
        assert time.monotonic() - began >= 1
        assert (lent.OPEN.stat().st_mtime > 0) is bool(words)
        said.write(b"close\n")
        monkeypatch.setattr(lent, "LEASE", 600)
        lent.listen()
        assert signal.alarm(0) == 0, "nothing rings later"


def running(program: Path) -> str:
    """A command that runs it, whatever options it is given; in a folder with spaces too."""
    command = program.with_suffix("")
    command.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(program))}\n")
    command.chmod(0o755)
    return str(command)


def test_a_hold_speaks_until_it_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = tmp_path / "machine.py"
    machine.write_text(
        "import sys\n"
        "read = sys.stdin.buffer.readline\n"
        "sys.stdin.buffer.read(int(read()))\n"
        "print('{}', flush=True)\n"
        "beats = sum(1 for line in iter(read, b'close\\n') if line == b'\\n' or sys.exit(f'it said {line}'))\n"
        f"open({str(tmp_path / 'beats')!r}, 'w').write(str(beats))\n"
        "print('{}', flush=True)\n"
    )
    spoken = Event()
    beat = Hold._say

    def say(hold: Hold, words: bytes) -> None:
        beat(hold, words)
        if words == b"\n":
            spoken.set()

    monkeypatch.setattr(Hold, "_say", say)
    monkeypatch.setattr("bancada.providers.existing.lent.BEAT_SECONDS", 0.05)
    monkeypatch.setattr("bancada.reach.ssh.argv", lambda *_: [running(machine)])
    monkeypatch.setattr("bancada.reach.ssh.ensure_key", lambda *_: "ssh-ed25519 AAAA")
    hold = Hold(ClassState(tmp_path / "c"), "seat-01")
    assert spoken.wait(60)
    hold.close()
    assert int((tmp_path / "beats").read_text()) >= 1


def test_the_lease_outlasts_some_lost_words(lent: ModuleType) -> None:
    assert lent.LEASE >= 3 * BEAT_SECONDS


EMPTY: dict[str, Any] = {
    "files": {}, "packages": [], "auto": [], "want": {}, "users": [], "groups": [], "made": [], "filled": {},
    "settings": {},
}  # fmt: skip


def test_what_its_owner_changed_after_us_never_becomes_ours_again(
    lent: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though we change the file once more: by a second `up`, or as packages go."""
    shells = tmp_path / "srv" / "shells.conf"
    shells.parent.mkdir()
    lent.write(lent.OURS, EMPTY)
    monkeypatch.setattr(lent, "keep", lambda path: None)
    monkeypatch.setattr(lent, "manifest", lambda: looks(shells.parent, {}, []))

    def while_open(text: str) -> None:
        lent.write(lent.OPEN, looks(shells.parent, {}, []))
        lent.ETC.mkdir(exist_ok=True)
        shells.write_text(text)
        lent.close_note()

    shells.write_text("sh\n")
    while_open("sh\ntmux\n")
    while_open("sh\ntmux\nagain\n")
    assert lent.read(lent.OURS)["files"][str(shells)]["is"][-1] == "sh\ntmux\nagain\n", "ours, changed by us"
    shells.write_text("sh\ntmux\nagain\nzsh\n")  # the owner's own
    while_open("sh\nzsh\n")
    monkeypatch.setattr(lent, "fingerprint", lambda path: ["0o100644", 0, 0, Path(path).read_text()])
    monkeypatch.setattr(lent, "restore", lambda path, was: pytest.fail(f"{path} was changed"))
    assert lent.restore_files(lent.read(lent.OURS)) == [str(shells)]


def test_a_file_in_the_place_of_one_that_we_removed_stays(lent: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    there: dict[str, list[Any] | None] = {"/etc/theirs": ["theirs"], "/etc/gone": None}
    ours = {"files": {path: {"was": ["before"], "is": None} for path in there}}
    monkeypatch.setattr(lent, "fingerprint", there.get)
    monkeypatch.setattr(lent, "restore", lambda path, was: path == "/etc/gone" or pytest.fail(f"{path} was changed"))
    assert lent.restore_files(ours) == ["/etc/theirs"]


@pytest.mark.parametrize("says", ["while True: print('x' * 4096, end='')", "time.sleep(60)", "print('{', end='')"])
def test_an_answer_without_an_end_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str) -> None:
    """It would hang `up`, or fill the instructor's memory."""
    machine = tmp_path / "machine.py"
    machine.write_text(f"import time\n{says}\n")
    monkeypatch.setattr("bancada.providers.existing.lent.WAIT_SECONDS", 1.0)
    monkeypatch.setattr(
        "bancada.providers.existing.lent.BEAT_SECONDS", 0.5
    )  # so long may its end of the connection take to go
    monkeypatch.setattr("bancada.reach.ssh.argv", lambda *_: [running(machine)])
    monkeypatch.setattr("bancada.reach.ssh.ensure_key", lambda *_: "ssh-ed25519 AAAA")
    with pytest.raises(BenchError, match="seat-01 is left as it is"):
        Hold(ClassState(tmp_path / "c"), "seat-01")


@pytest.mark.parametrize("killed", [False, True])
def test_what_its_owner_does_during_a_purge_is_never_ours(
    lent: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    """A purge takes away: what is new since, or changed, or an account, is somebody's who is at work there."""
    etc = tmp_path / "srv"
    etc.mkdir()
    for name in ("ours", "gone", "edited"):
        (etc / f"{name}.conf").write_text("before")
    users = ["root", "student"]
    monkeypatch.setattr(lent, "OWNER", lent.OPEN.with_name("owner"))
    monkeypatch.setattr(lent, "LENT", lent.OPEN.parent)
    monkeypatch.setattr(lent, "run", lambda *argv, **_: lent.ETC.mkdir(exist_ok=True) if argv[0] == "cp" else "")
    monkeypatch.setattr(lent, "manifest", lambda: looks(etc, {}, [*users]))
    kept: list[str] = []
    monkeypatch.setattr(lent, "keep", kept.append)
    noted = {
        **EMPTY,
        "files": {f"{etc}/ours.conf": {"was": None, "is": looks(etc, {}, [])["files"][f"{etc}/ours.conf"]}},
    }
    lent.write(lent.OURS, {**noted, "users": ["student"]})

    class Killed(Exception):
        pass

    def purge(ours: dict[str, Any]) -> list[str]:
        (etc / "thesis").mkdir(exist_ok=True)
        (etc / "gone.conf").unlink(missing_ok=True)
        for name in ("new", "edited", "ours"):
            (etc / f"{name}.conf").write_text("theirs")
        users[:] = ["root", "student", "maria"]
        if killed and not kept:
            kept.append("killed")
            raise Killed
        return []

    class Noted(Exception):
        pass

    def restore_files(ours: dict[str, Any]) -> list[str]:
        raise Noted(ours)

    for name in ("stop_units", "take_images_away", "end_processes"):
        monkeypatch.setattr(lent, name, lambda *_: None)
    monkeypatch.setattr(lent, "purge", purge)
    monkeypatch.setattr(lent, "restore_files", restore_files)
    lent.OWNER.write_text("owner")
    if killed:
        with pytest.raises(Killed):
            lent.give_back()
    with pytest.raises(Noted) as noted_then:
        lent.give_back()
    ours = noted_then.value.args[0]
    assert ours["files"].pop(f"{etc}/gone.conf")["is"] is None and kept[-1] == f"{etc}/gone.conf"
    assert ours["files"] == noted["files"] and ours["users"] == ["student"] and ours["made"] == []
