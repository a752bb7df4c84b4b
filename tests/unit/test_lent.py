"""What counts as ours on a lent machine that died while an `up` was at work there."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bancada.lent import LENT


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
