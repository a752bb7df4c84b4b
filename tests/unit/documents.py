"""Documents as a seat answers them, for tests."""

from __future__ import annotations

from typing import Any

SEAT = {"uts": 1, "pid": 2, "pid_for_children": 2, "mnt": 3}


def process(pid: int, ppid: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "pid": pid, "ppid": ppid, "uid": 0, "start": pid * 10, "session": pid, "comm": "sleep",
        "cmdline": ["sleep", "infinity"], "exe": "/usr/bin/sleep", "cwd": "/", "root": "/", "root_id": [8, 2],
        "pwd": None, "ns": SEAT | values.pop("ns", {}), "nspid": [pid], "uid_map": [[0, 0, 4294967295]],
        "gid_map": [[0, 0, 4294967295]], "cgroup": {"": "/"}, "unit": values.get("service"), "service": None,
        "container": False, "caps": {"Eff": 0}, "no_new_privs": 0, "seccomp": 0, "proc_shows": 2, **values,
    }  # fmt: skip


def document(*procs: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {
        "evidence": 3, "kernel": "6.1", "hostname": "seat", "has": [],
        "systemd": {"state": "running", "failed_units": []},
        "services": {"docker": {"socket": "active", "service": "inactive"}}, "cgroup_version": 2,
        "staged": {}, "baselines": {},
        "processes": [process(1, 0, comm="systemd"), *procs], "uts": {"1": {"hostname": "seat", "domainname": ""}},
        "mounts": {}, "folders": {}, "roots": [], "kept": [], "ipc": {}, "networks": {}, "time_offsets": {},
        "cgroup_views": {}, "cgroups": {}, "engine": {}, "probes": {}, **values,
    }  # fmt: skip
