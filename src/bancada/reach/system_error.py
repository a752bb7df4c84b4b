"""What the operating system refused, told so that a person can mend it."""

from __future__ import annotations

import errno
import os
import pwd
import shlex
from pathlib import Path

from bancada.reach.paths import Project
from bancada.words.errors import BenchError


def explain(error: OSError) -> BenchError:
    """The sentence, the place and the next command for an error that nobody foresaw where it happened."""
    path = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        look = f"df -h {shlex.quote(str(_there(path)))}" if path else "df -h"
        return BenchError(
            "The disk is full.", where=str(path or ""), next=f"{look}; then make room and type the same command again"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and path:
        return _refused(error, path)
    look = f"ls -ld {shlex.quote(str(_there(path)))}" if path else "./bancada doctor"
    return BenchError(f"{error.strerror or error}.", where=str(path or ""), next=look)


def _refused(error: OSError, path: Path) -> BenchError:
    """Most often Bancada was once run as root, and now as a user."""
    place = _there(path)
    owner, me = place.lstat().st_uid, os.geteuid()
    if error.errno == errno.EROFS or owner == me or me == 0:
        return BenchError(f"{error.strerror}.", where=str(path), next=f"ls -ld {shlex.quote(str(place))}")
    state = Project.here().state
    if place.is_relative_to(state):
        next = f"sudo chown -R {_name(me)} {shlex.quote(str(state))}"
    else:
        next = "work in a copy of your own: git clone"
    return BenchError(f"{place} belongs to {_name(owner)}, and you are {_name(me)}.", where=str(path), next=next)


def _there(path: Path) -> Path:
    """The path, or the nearest folder above it that can be seen."""
    for place in (path, *path.parents):
        try:
            place.lstat()
        except OSError:
            continue
        return place
    return Path("/")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
