"""Everything of a seat that must be equal before staging and after reset."""

import glob
import os
import re
import socket

from bancada.onseat.seatside.base import EXERCISES, IN_A_CONTAINER, STATE, Facts, failed_units, systemctl, text
from bancada.onseat.seatside.cgroups import cgroup_folders
from bancada.onseat.seatside.engine import damaged, things
from bancada.onseat.seatside.files import mounts, walk
from bancada.onseat.seatside.networking import address_counts, interfaces, rules
from bancada.onseat.seatside.ownership import spared
from bancada.onseat.seatside.processes import foreign, mine, processes

PASSING = re.compile(r"/run/(user|credentials|docker)(/|$)|/proc/sys/fs/binfmt_misc$|/var/lib/docker/")
"""Mounts that come and go with sessions, units and containers."""


PLACES = ("/tmp", "/var/tmp", "/srv", "/opt", "/root", "/var/lib/bancada", "/run/netns",
          "/etc/sysctl.d", "/etc/modules-load.d", "/etc/modprobe.d")  # fmt: skip
FILES = ("/etc/sysctl.conf", "/etc/modules")


def without_own_address(hosts: str) -> str:
    """What hosts(5) says but for the machine's own address, which can be another after each boot."""
    return re.sub(rf"(?m)^\S+(?=\s(.*\s)?{re.escape(socket.gethostname())}(\s|$))", "*", hosts)


def parameters(top: str = "/proc/sys") -> dict[str, str]:
    """What the kernel was told of its memory, and TCP's algorithms; nothing where the kernel is shared with others.

    Without what the kernel works out anew at each boot, from the memory that is free (…_kbytes). The algorithms stand
    for modules: others come as programs need them (ss(8) loads tcp_diag), so a list of all would differ for no reason.
    """
    if os.path.exists(IN_A_CONTAINER):
        return {}
    found = {}
    for path in [*glob.glob(f"{top}/vm/*"), *glob.glob(f"{top}/net/ipv4/tcp_*congestion_control")]:
        if not path.endswith("_kbytes"):
            try:
                found[path.removeprefix(f"{top}/")] = text(path).strip()
            except OSError:
                continue  # it can only be written to
    return found


def snapshot(request: Facts | None = None) -> Facts:
    root = (request or {}).get("exercises_root", EXERCISES)
    procs = processes()
    init, us = procs[1], mine(procs)
    before: Facts = {"services": []}
    lines: dict[str, int] = {}
    for pid, proc in procs.items():
        if pid in us or pid == 1 or spared(proc, procs, before) or proc["comm"] in ("(sd-pam)", "systemd"):
            continue
        key = f"{proc['comm']}: {' '.join(proc['cmdline'])} [{' '.join(sorted(foreign(proc, init)))}]"
        lines[key] = lines.get(key, 0) + 1
    files = {}
    scaffold = {root, f"{STATE}"} | (
        {f"{root}/{topic}" for topic in os.listdir(root)} if os.path.isdir(root) else set()
    )
    skipped = re.compile(
        r"/(\.ssh|\.cache|\.ansible|\.bash_history|systemd-private-[^/]*|ansible-[^/]*)(/|$)"
        r"|/\.docker($|/buildx(/|$))"  # what the command line notes about past builds
    )
    for top in (os.path.dirname(root), *PLACES):
        for path, file in walk(top, limit=20000)[0].items():
            if not skipped.search(f"{top}/{path}") and f"{top}/{path}" not in scaffold:
                sized = file["type"] == "file" and top != str(STATE.parent)  # what a baseline remembers varies
                files[f"{top}/{path}"] = f"{file['type']} {file['size'] if sized else ''}"
    files |= {path: f"file {os.path.getsize(path)}" for path in FILES if os.path.exists(path)}
    failed = systemctl("list-units", "--failed", "--plain", "--no-legend")
    return {
        "processes": lines,
        "mounts": {mount["target"]: f"{mount['fstype']} {mount['source']} {mount['root']}"
                   for mount in mounts() if not PASSING.search(mount["target"])},
        "interfaces": dict.fromkeys(interfaces(), ""),
        "addresses": address_counts(),
        "rules": dict.fromkeys(rules(), ""),
        "docker": {**{f"{kind}/{names or number}": ""
                      for kind, found in things().items() for number, names in found.items()},
                   **{f"damaged/{tag}": "" for tag in damaged()}},
        "cgroups": dict.fromkeys(cgroup_folders(), ""),
        "hostname": {"kernel": socket.gethostname(), **{
            path: without_own_address(text(path)) for path in ("/etc/hostname", "/etc/hosts") if os.path.exists(path)}},
        "files": files,
        "parameters": parameters(),
        "ipc": {kind: len(text(f"/proc/sysvipc/{kind}").splitlines()) - 1 for kind in ("shm", "sem", "msg")},
        "mqueues": dict.fromkeys(os.listdir("/dev/mqueue") if os.path.isdir("/dev/mqueue") else [], ""),
        "failed_units": dict.fromkeys(failed_units(failed), ""),
    }  # fmt: skip
