"""Shuts a process in, by hand and with nothing but the kernel: namespaces of its own, a root in which only Python and
its libraries are, no network, no capability. What a check does, or what evidence makes it do, ends there."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import NoReturn

# sched.h, sys/mount.h, linux/mount.h, sys/prctl.h
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER = 0x20000, 0x4000000, 0x8000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
APART = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CAPABILITIES_V3 = 0x20080522

MEMORY = 2 * 2**30
"""Bytes of address space. The largest evidence that is taken, with Python and its libraries, needs less than half."""
LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64")
PLACE = "/proc"
"""A directory that every Linux has, and whose contents nobody in there must see: the new root is mounted over it."""
DONE = b"shut in"

_libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """The kernel, or who rules this computer, does not let us."""


def shut_in() -> None:
    """Go on shut in: as a child of this process, the first one of its own pid namespace.

    Bounds of memory and files hold in any case. Raises Refused where the rest cannot be had: this process then goes on
    as it was, with nothing half done.
    """
    _bound()
    here, there = os.pipe()
    child = os.fork()
    if child:
        os.close(there)
        said = b"".join(iter(lambda: os.read(here, 4096), b""))
        os.close(here)
        if said == DONE:
            _end_as(child)
        os.waitpid(child, 0)
        raise Refused(said.decode("utf-8", "replace") or "it ended")
    os.close(here)
    try:
        die_with_parent()
        _unshare()
        if first := os.fork():
            os.close(there)
            _end_as(first)
        die_with_parent()
        _new_root()
        _drop_capabilities()
    except BaseException as problem:
        os.write(there, f"{problem}".encode())
        os._exit(1)
    os.write(there, DONE)
    os.close(there)


def die_with_parent() -> None:
    """Have the kernel end this process with the one that started it."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _unshare() -> None:
    """Into namespaces of its own. Root needs no user namespace for that, and in one it could read less than before."""
    if os.geteuid() == 0 and _libc.unshare(APART) == 0:
        return
    uid, gid = os.geteuid(), os.getegid()
    _call("unshare", APART | CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _bound() -> None:
    """What holds for each process from here on."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def _end_as(child: int) -> NoReturn:
    """Wait, and end as the child ends."""
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _new_root() -> None:
    """A root that holds where Python looks for modules and where libraries lie, all of it only to be read."""
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    libraries = [Path(path) for path in LIBRARIES if Path(path).is_dir()]
    # By depth: what lies in another one is there with it.
    modules = sorted({Path(path) for path in sys.path if Path(path).is_dir()}, key=lambda path: len(path.parts))
    sources = {path: path.resolve() for path in modules}
    _mount("none", PLACE, "tmpfs", 0)
    for path in libraries:
        if path.is_symlink():  # as /lib of a merged /usr
            _inside(path).symlink_to(path.readlink())
        else:
            _bind(path, path)
    for path, source in sources.items():
        if not _inside(path).is_dir():
            _bind(source, path)
    only_read = (ctypes.c_uint64 * 4)(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0, 0, 0)
    _call("mount_setattr", AT_FDCWD, PLACE.encode(), AT_RECURSIVE, only_read, ctypes.sizeof(only_read))
    os.chdir(PLACE)
    _call("pivot_root", b".", b".")
    _call("umount2", b".", MNT_DETACH)  # the old root lies over the new one now: pivot_root(2)
    os.chdir("/")


def _inside(path: Path) -> Path:
    return Path(PLACE, *path.parts[1:])


def _bind(source: Path, path: Path) -> None:
    _inside(path).mkdir(parents=True, exist_ok=True)
    _mount(str(source), str(_inside(path)), None, MS_BIND | MS_REC)


def _drop_capabilities() -> None:
    """So that what was hidden cannot be mounted again."""
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0)
    none = (ctypes.c_uint32 * 6)()
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _call("capset", header, none)


def _mount(source: str, target: str, kind: str | None, flags: int) -> None:
    _call("mount", source.encode(), target.encode(), kind.encode() if kind else None, flags, None)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
