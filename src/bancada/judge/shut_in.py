"""Shuts this process in, by hand and with nothing but the kernel: namespaces of its own, a root in which only Python
and its libraries are, no network, no capability. What a check does, or what evidence makes it do, ends there."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

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

_libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """The kernel, or who rules this computer, does not let us."""


def shut_in() -> None:
    """Shut this process in; what goes on afterwards is a child of it, the first process of its own pid namespace.

    Bounds of memory and files hold in any case. Raises Refused where the rest cannot be had; this process goes on.
    """
    _bound()
    uid, gid = os.geteuid(), os.getegid()
    if _libc.unshare(APART | CLONE_NEWUSER) == 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    elif _libc.unshare(APART) != 0:  # root needs no user namespace for it, where there can be none
        raise Refused(os.strerror(ctypes.get_errno()))
    child = os.fork()
    if child:
        _wait_for(child)
    _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL)
    _new_root()
    _drop_capabilities()


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


def _wait_for(child: int) -> None:
    """End as the child ends."""
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _new_root() -> None:
    """A root that holds where Python looks for modules and where libraries lie, all of it only to be read."""
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    wanted = [Path(path) for path in (*LIBRARIES, *sys.path) if Path(path).is_dir()]
    _mount("none", PLACE, "tmpfs", 0)
    for path in wanted:
        new = Path(PLACE, *path.parts[1:])
        if path.is_symlink():  # as /lib of a merged /usr
            new.parent.mkdir(parents=True, exist_ok=True)
            new.symlink_to(path.readlink())
        elif not new.is_dir() or not any(new.iterdir()):
            new.mkdir(parents=True, exist_ok=True)
            _mount(str(path), str(new), None, MS_BIND | MS_REC)
    only_read = (ctypes.c_uint64 * 4)(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0, 0, 0)
    _call("mount_setattr", AT_FDCWD, PLACE.encode(), AT_RECURSIVE, only_read, ctypes.sizeof(only_read))
    os.chdir(PLACE)
    _call("pivot_root", b".", b".")
    _call("umount2", b".", MNT_DETACH)  # the old root lies over the new one now: pivot_root(2)
    os.chdir("/")


def _drop_capabilities() -> None:
    """Those that came with the user namespace, so that what was hidden cannot be mounted again."""
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
