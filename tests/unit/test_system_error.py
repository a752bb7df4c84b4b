"""What is told of an error that the operating system gave."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from bancada.reach.system_error import explain


def error(number: int, path: Path | None = None) -> OSError:
    return OSError(number, os.strerror(number), str(path)) if path else OSError(number, os.strerror(number))


def test_full_disk_names_the_place_to_look_at(tmp_path: Path) -> None:
    told = explain(error(errno.ENOSPC, tmp_path / "no folder" / "file"))
    assert told.what == "The disk is full." and told.where == str(tmp_path / "no folder" / "file")
    assert told.next == f"df -h {tmp_path}; then make room and type the same command again"
    assert explain(error(errno.ENOSPC)).next.startswith("df -h; ")


def test_once_as_root_then_as_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANCADA_STATE", str(tmp_path / "my state"))
    folder = tmp_path / "my state" / "classes" / "t"
    folder.mkdir(parents=True)
    owner = folder.owner()
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    told = explain(error(errno.EACCES, folder / "owner"))
    assert told.what == f"{folder} belongs to {owner}, and you are 54321."
    assert told.where == str(folder / "owner") and told.next == f"sudo chown -R 54321 '{tmp_path / 'my state'}'"
    told = explain(error(errno.EACCES, tmp_path / ".venv"))
    assert told.next == "work in a copy of your own: git clone"


def test_what_is_ours_and_closed_is_told_as_it_is(tmp_path: Path) -> None:
    told = explain(error(errno.EACCES, tmp_path / "file"))
    assert (told.what, told.next) == ("Permission denied.", f"ls -ld {tmp_path}")
    assert explain(error(errno.EROFS, tmp_path / "file")).what == "Read-only file system."
