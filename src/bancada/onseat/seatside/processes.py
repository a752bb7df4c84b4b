"""Processes as /proc shows them."""

import os
import re

from bancada.onseat.seatside.base import CONTAINER, KERNEL_THREAD, UNITS, Facts, Refusal, identity, libc, link, text


def inode(target: str | None) -> int | None:
    return int(target.split("[")[1][:-1]) if target and "[" in target else None


def namespaces(folder: str) -> dict[str, int]:
    found = {name: inode(link(f"{folder}/{name}")) for name in os.listdir(folder)}
    return {name: number for name, number in found.items() if number is not None}


def unit_of(cgroups: dict[str, str]) -> str | None:
    """The system service that systemd(1) keeps a process in: of the user's own manager it is none."""
    path = cgroups.get("name=systemd") or cgroups.get("", "")
    found = re.search(r"/system\.slice/(?:[^/]+\.slice/)*([^/]+\.service)", path)
    return found[1] if found else None


def is_packaged(unit: str) -> bool:
    """Whether a unit came with a package; what systemd-run(1) makes, or a person or an exercise wrote, did not."""
    template = re.sub(r"@.*\.", "@.", unit)
    return any(os.path.exists(f"{folder}/{name}") for folder in UNITS for name in (unit, template))


def process(pid: int) -> Facts | None:
    """One process, or None for kernel threads and zombies. OSError where it vanishes while it is read."""
    base = f"/proc/{pid}"
    comm, rest = text(f"{base}/stat").split("(", 1)[1].rsplit(")", 1)
    fields = rest.split()
    if int(fields[6]) & KERNEL_THREAD or fields[0] in "ZX":
        return None
    status = dict(line.split(":", 1) for line in text(f"{base}/status").splitlines())
    cgroups: dict[str, str] = {}
    for line in text(f"{base}/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        cgroups |= dict.fromkeys(controllers.split(","), path)
    unit = unit_of(cgroups)
    environ = dict(item.split("=", 1) for item in text(f"{base}/environ").split("\0") if "=" in item)
    maps = {name: [[int(n) for n in line.split()] for line in text(f"{base}/{name}").splitlines()]
            for name in ("uid_map", "gid_map")}  # fmt: skip
    return {
        "pid": pid,
        "ppid": int(fields[1]),
        "uid": int(status["Uid"].split()[0]),
        "start": int(fields[19]),
        "session": int(fields[3]),
        "comm": comm,
        "cmdline": text(f"{base}/cmdline").rstrip("\0").split("\0"),
        "exe": link(f"{base}/exe"),
        "cwd": link(f"{base}/cwd"),
        "root": os.readlink(f"{base}/root"),
        "root_id": identity(f"{base}/root/"),
        "pwd": environ.get("PWD"),
        "ns": namespaces(f"{base}/ns"),
        "nspid": [int(n) for n in status.get("NSpid", str(pid)).split()],
        **maps,
        "cgroup": cgroups,
        "unit": unit,
        "service": unit if unit and is_packaged(unit) else None,
        "container": any(CONTAINER.search(path) for path in cgroups.values()),
        "caps": {name[3:]: int(value, 16) for name, value in status.items() if name.startswith("Cap")},
        "no_new_privs": int(status.get("NoNewPrivs", 0)),
        "seccomp": int(status.get("Seccomp", 0)),
        "proc_shows": inode(link(f"{base}/root/proc/1/ns/pid")),
    }


def is_emulator(proc: Facts) -> bool:
    """Whether a virtual machine runs in it."""
    return os.path.basename(proc["exe"] or "").startswith("qemu-system-")


def see_through_proc(keep: bool) -> None:
    """Look beneath a /proc of another pid namespace that was mounted over the seat's: it does not show us.

    Unmounts it for all where `keep` is false, otherwise for this program alone.
    """
    if link("/proc/self"):
        return
    if keep and (libc.unshare(0x00020000) or libc.mount(b"none", b"/", None, 0x44000, None)):  # MS_REC | MS_PRIVATE
        raise Refusal("/proc is not the seat's own, and no view beneath it can be had")
    while not link("/proc/self"):
        if libc.umount2(b"/proc", 2):  # MNT_DETACH
            raise Refusal("/proc is not the seat's own, and cannot be unmounted")


def processes() -> dict[int, Facts]:
    found: dict[int, Facts] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                one = process(int(name))
            except (OSError, ValueError, KeyError):
                continue  # it ended while it was being read
            if one:
                found[one["pid"]] = one
    return found


def mine(procs: dict[int, Facts]) -> set[int]:
    """This program, its ancestors (sudo, the shell, sshd) and children: no part of what is looked at."""
    found: set[int] = set()
    pid = os.getpid()
    while pid > 1 and pid in procs:
        found.add(pid)
        pid = procs[pid]["ppid"]
    return found | {pid for pid, proc in procs.items() if proc["ppid"] == os.getpid()}


def foreign(proc: Facts, init: Facts) -> set[str]:
    """The types of which a process has another instance than pid 1; `unshare -p` without a fork counts as pid."""
    types = {kind.removesuffix("_for_children") for kind, number in proc["ns"].items()
             if number != init["ns"].get(kind.removesuffix("_for_children"))}  # fmt: skip
    return types | ({"root"} if proc["root_id"] != init["root_id"] else set())
