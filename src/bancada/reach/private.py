"""Folders that nobody else may look into: who could make one for us would answer in the seats' name."""

from __future__ import annotations

import os
import shlex
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bancada.words.errors import BenchError

LONGEST = 49
"""Bytes of a folder's path: a socket's has 107 at most (unix(7)), of which OpenSSH takes "/", 40 and 17 more."""


def is_private(folder: str | Path) -> bool:
    """Whether this is a folder, no link to one, that is ours and closed to everybody else."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def private_folder(name: str) -> Path:
    """A folder for sockets, the same at each call; it is made where it is missing. Raises BenchError."""
    tried: list[str] = []
    for parent in _parents():
        folder = parent / name
        if len(os.fsencode(folder)) > LONGEST or not _keeps(parent):
            continue
        tried.append(str(folder))
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            pass
        except OSError:
            continue
        if is_private(folder):
            return folder
    raise BenchError(
        "There is no place for the shared SSH connections that is ours alone.",
        where=" or ".join(tried) or tempfile.gettempdir(),
        next=f"ls -ld {shlex.join(tried)}; then remove what is not yours" if tried else "df -h /tmp",
    )


def private_folders(prefix: str) -> set[Path]:
    """Those of ours that are there, of classes that have a name with this beginning."""
    found = (folder for parent in _parents() for folder in parent.glob(f"{prefix}*"))
    return {folder for folder in found if is_private(folder)}


def _parents() -> Iterator[Path]:
    """Where such folders may lie, the best first. XDG_RUNTIME_DIR is not asked: after `su` it is somebody else's."""
    yield Path("/run") if os.geteuid() == 0 else Path(f"/run/user/{os.geteuid()}")
    yield Path(tempfile.gettempdir())
    yield Path("/tmp")


def _keeps(parent: Path) -> bool:
    """Whether nobody but us, or root, can take a folder of ours away in there and put another in its place."""
    try:
        found = parent.stat()
    except OSError:
        return False
    return found.st_uid in (0, os.geteuid()) and (not found.st_mode & 0o022 or bool(found.st_mode & stat.S_ISVTX))
