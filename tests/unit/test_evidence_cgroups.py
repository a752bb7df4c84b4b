"""Control groups, read from a tree of files as the kernel shows them: both versions; and who is in which group."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bancada.evidence import Evidence
from bancada.onseat.seatside import cgroups as seatside
from bancada.onseat.seatside.ownership import belonging
from bancada.onseat.seatside.pristine import release

MIB = 1024 * 1024
POD = "/libpod_parent/libpod-1"
SESSION = "/user.slice/user-1000.slice/session-1.scope"


def tree(top: Path, files: Mapping[str, str]) -> None:
    for path, content in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(content)


def mount(target: Path, fstype: str, options: str, root: str = "/") -> dict[str, str]:
    return {"target": str(target), "fstype": fstype, "options": f"rw,nosuid,{options}", "root": root}


@pytest.fixture
def version_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As on a virtual machine: one hierarchy, which systemd has divided."""
    monkeypatch.setattr(seatside, "mounts", lambda: [mount(tmp_path, "cgroup2", "nsdelegate")])
    monkeypatch.setattr(seatside, "process", lambda pid: {"cgroup": {"": "/init.scope"}})
    monkeypatch.setattr(seatside, "ROOT", str(tmp_path))
    tree(tmp_path, {
        "cgroup.procs": "2\n",
        "init.scope/cgroup.procs": "1\n",
        "system.slice/ssh.service/cgroup.procs": "7\n",
        "system.slice/ssh.service/pids.max": "14000\n",
        "system.slice/run-u1.service/memory.max": f"{24 * MIB}\n",
        "system.slice/run-u2.service/memory.max": "max\n",
        "docker/cgroup.procs": "",
        "demo/cgroup.procs": "",
        "demo/memory.max": f"{32 * MIB}\n",
        "demo/memory.current": f"{5 * MIB}\n",
        "demo/memory.peak": f"{32 * MIB}\n",
        "demo/memory.events": "low 0\nhigh 0\nmax 41\noom 2\noom_kill 1\noom_group_kill 0\n",
        "demo/cpu.max": "20000 100000\n",
        "demo/cpu.stat": "usage_usec 1\nnr_periods 12\nnr_throttled 9\nthrottled_usec 3\n",
        "demo/pids.max": "8\n",
        "demo/pids.current": "1\n",
        "demo/pids.events": "max 3\n",
        "demo/inner/cgroup.procs": "41\n40\n",
        "demo/inner/memory.max": "max\n",
        "demo/inner/cpu.max": "max 100000\n",
        "demo/inner/pids.max": "max\n",
    })  # fmt: skip
    return tmp_path


@pytest.fixture
def version_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As in a system container: hierarchies below the container's own group; its systemd divides only the named one."""
    own = {"memory": POD, "cpu": POD, "pids": POD, "net_cls": "/", "name=systemd": f"{POD}/init.scope", "": "/"}
    monkeypatch.setattr(seatside, "mounts", lambda: [
        mount(tmp_path / "memory", "cgroup", "memory", POD),
        mount(tmp_path / "cpu", "cgroup", "cpu", POD),
        mount(tmp_path / "pids", "cgroup", "pids", POD),
        mount(tmp_path / "net_cls", "cgroup", "net_cls"),
        mount(tmp_path / "systemd", "cgroup", "name=systemd"),
    ])  # fmt: skip
    monkeypatch.setattr(seatside, "process", lambda pid: {"cgroup": own})
    tree(tmp_path, {
        f"systemd{POD}/system.slice/ssh.service/cgroup.procs": "7\n",
        "systemd/elsewhere/cgroup.procs": "0\n",
        "net_cls/elsewhere/cgroup.procs": "0\n",
        "memory/docker/cgroup.procs": "",
        "memory/demo/cgroup.procs": "0\n40\n",
        "memory/demo/memory.limit_in_bytes": f"{32 * MIB}\n",
        "memory/demo/memory.usage_in_bytes": "4096\n",
        "memory/demo/memory.max_usage_in_bytes": f"{32 * MIB}\n",
        "memory/demo/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
        "memory/free/memory.limit_in_bytes": "9223372036854771712\n",
        "cpu/demo/cgroup.procs": "41\n",
        "cpu/demo/cpu.cfs_quota_us": "20000\n",
        "cpu/demo/cpu.cfs_period_us": "100000\n",
        "cpu/demo/cpu.stat": "nr_periods 12\nnr_throttled 9\nthrottled_time 3\n",
        "cpu/free/cpu.cfs_quota_us": "-1\n",
        "cpu/free/cpu.cfs_period_us": "100000\n",
        "pids/demo/pids.max": "8\n",
        "pids/demo/pids.current": "1\n",
        "pids/demo/pids.events": "max 3\n",
    })  # fmt: skip
    return tmp_path


ALL = {
    "memory_limit": 32 * MIB, "memory_peak": 32 * MIB, "oom_kills": 1, "cpu_limit": 0.2, "throttled": 9,
    "pids_limit": 8, "pids_used": 1, "forks_refused": 3,
}  # fmt: skip


def test_version_2_limits_and_counters(version_2: Path) -> None:
    found = seatside.cgroups()
    demo = str(version_2 / "demo")
    assert found["/demo"] == ALL | {"memory_used": 5 * MIB, "folders": [demo], "pids": []}
    assert found["/demo/inner"] == {"folders": [f"{demo}/inner"], "pids": [40, 41]}, "max is no limit"
    assert found["/system.slice/ssh.service"]["pids"] == [7]
    assert "/" not in found, "the seat's own group is no group of the student's"


def test_version_1_hierarchies_of_one_path_are_put_together(version_1: Path) -> None:
    found = seatside.cgroups()
    folders = [str(version_1 / name / "demo") for name in ("memory", "cpu", "pids")]
    assert found["/demo"] == ALL | {"memory_used": 4096, "folders": folders, "pids": [40, 41]}
    assert set(found["/free"]) == {"folders", "pids"}, "a number of about 2**63, and -1, are no limits"
    assert found["/system.slice/ssh.service"]["pids"] == [7], "the container's part of the hierarchy"
    assert "/elsewhere" not in found


def test_groups_made_by_hand_are_neither_units_nor_dockers(version_2: Path) -> None:
    assert seatside.cgroup_folders() == [f"{version_2}/demo", f"{version_2}/demo/inner"]


def test_groups_made_by_hand_of_version_1(version_1: Path) -> None:
    names = ("cpu/demo", "cpu/free", "memory/demo", "memory/free", "pids/demo")
    assert seatside.cgroup_folders() == [f"{version_1}/{name}" for name in names]


def proc(pid: int, cgroup: Mapping[str, str], **values: Any) -> dict[str, Any]:
    return {
        "pid": pid, "ppid": 1, "uid": 0, "start": pid, "session": pid, "comm": "sleep", "cmdline": ["sleep"],
        "exe": "/usr/bin/sleep", "cwd": "/", "root": "/", "root_id": [8, 2], "pwd": None, "ns": {"uts": 1},
        "nspid": [pid], "uid_map": [], "gid_map": [], "cgroup": cgroup, "unit": None, "service": None,
        "container": False, "caps": {}, "no_new_privs": 0, "seccomp": 0, "proc_shows": 2, **values,
    }  # fmt: skip


V1 = {"memory": POD, "cpu": POD, "name=systemd": f"{POD}/init.scope", "net_cls": "/"}


@pytest.mark.parametrize(("cgroup", "by_hand"), [
    ({}, False),
    ({"name=systemd": POD + SESSION}, False),
    ({"memory": f"{POD}/docker/0123"}, False),
    ({"memory": f"{POD}/demo"}, True),
    ({"cpu": f"{POD}/demo/inner"}, True),
    ({"memory": "/libpod_parent/libpod-11"}, False),
])  # fmt: skip
def test_who_is_in_a_group_made_by_hand(cgroup: dict[str, str], by_hand: bool) -> None:
    assert seatside.is_in_one_made_by_hand(proc(5, V1 | cgroup), proc(1, V1)) is by_hand


def test_who_is_in_a_group_made_by_hand_of_version_2(version_2: Path) -> None:
    init = proc(1, {"": "/init.scope"})

    def said(path: str, **values: Any) -> bool:
        return seatside.is_in_one_made_by_hand(proc(5, {"": path}, **values), init)

    assert not said("/") and not said(SESSION) and not said("/../x") and said("/demo")
    assert said("/system.slice/run-u1.service", unit="run-u1.service"), "systemd-run with a limit"
    assert not said("/system.slice/run-u2.service", unit="run-u2.service"), "systemd-run without"
    assert not said("/system.slice/run-u1.service", unit="run-u1.service", service="run-u1.service")


def test_reset_ends_who_lives_in_a_claimed_group_but_only_moves_the_login_shell() -> None:
    other = "/home/student/exercises/cgroups/other"
    group = V1 | {"memory": f"{POD}/demo"}
    sshd = proc(3, V1, comm="sshd-session")
    shell = proc(4, group, ppid=3, comm="bash", exe="/usr/bin/bash")
    procs = {one["pid"]: one for one in (proc(1, V1), sshd, shell, proc(5, group), proc(6, group, cwd=other))}
    request = {"folder": "/home/student/exercises/cgroups/one", "other_folders": [other]}
    before: dict[str, Any] = {"processes": {}, "services": []}

    def ended(*claims: str) -> list[int]:
        return [one["pid"] for one in belonging(procs, {**request, "claims": claims}, before)]

    assert ended("cgroup") == [5] and ended("uts") == []
    before["processes"] = {"5 5": []}
    assert ended("cgroup") == []


def test_moving_out_writes_each_process_where_pid_1_is(version_2: Path) -> None:
    seatside.move_out(str(version_2 / "demo/inner"), seatside.pids_in(str(version_2 / "demo/inner")))
    assert (version_2 / "init.scope/cgroup.procs").read_text() == "41"


def test_moving_out_of_version_1(version_1: Path) -> None:
    (version_1 / "memory/cgroup.procs").touch()
    seatside.move_out(str(version_1 / "memory/demo"), [40])
    assert (version_1 / "memory/cgroup.procs").read_text() == "40"


def read(version: int, *procs: dict[str, Any], **groups: dict[str, Any]) -> Evidence:
    names = ("staged", "baselines", "uts", "mounts", "folders", "ipc", "networks", "services", "engine", "probes")
    empty: dict[str, Any] = {name: {} for name in (*names, "time_offsets", "cgroup_views")}
    return Evidence.from_json(json.dumps(empty | {
        "evidence": 3, "kernel": "6.1", "hostname": "seat", "has": [],
        "systemd": {"state": "running", "failed_units": []},
        "cgroup_version": version, "processes": list(procs), "roots": [], "kept": [],
        "cgroups": {f"/{name}": one for name, one in groups.items()},
    }))  # fmt: skip


def test_of_version_1_who_lives_in_one_hierarchy_need_not_live_in_the_other() -> None:
    here = [proc(5, V1 | {"memory": f"{POD}/demo"}), proc(6, V1 | {"memory": f"{POD}/demo/inner"}),
            proc(7, V1 | {"memory": f"{POD}/demo2"})]  # fmt: skip
    seat = read(1, proc(1, V1), *here, demo={"folders": [], "pids": [5]})
    (demo,) = seat.cgroups
    assert [one.pid for one in seat.living_in(demo, "memory")] == [5, 6]
    assert [one.pid for one in seat.living_in(demo, "cpu")] == []


def test_of_version_2_one_group_counts_for_every_controller() -> None:
    seat = read(2, proc(1, {"": "/init.scope"}), proc(5, {"": "/demo"}), demo={"folders": [], "pids": [5]})
    (demo,) = seat.cgroups
    assert all([one.pid for one in seat.living_in(demo, name)] == [5] for name in ("memory", "cpu", "pids"))


def test_groups_below_a_unit_and_dockers_are_not_made_by_hand() -> None:
    names = ("demo", "demo/inner", "docker", "docker/0123", "system.slice/docker.service/.control", "init.scope")
    seat = read(2, proc(1, {"": "/init.scope"}), **{name: {"folders": [], "pids": []} for name in names})
    assert [one.path for one in seat.cgroups if one.made_by_hand] == ["/demo", "/demo/inner"]


def test_groups_of_who_is_ended_let_go_and_others_keep_their_limits(version_2: Path) -> None:
    tree(version_2, {"demo/cgroup.freeze": "1\n", "other/cpu.max": "5000 100000\n", "other/cgroup.procs": "50\n"})
    groups = {str(version_2 / name) for name in ("demo", "demo/inner", "other")}
    release({40}, groups)
    assert (version_2 / "demo/cpu.max").read_text() == "max"  # a killed process needs the CPU to end
    assert (version_2 / "demo/inner/cpu.max").read_text() == "max"
    assert (version_2 / "demo/cgroup.freeze").read_text() == "0"
    assert (version_2 / "demo/memory.max").read_text() == f"{32 * MIB}\n"
    assert (version_2 / "other/cpu.max").read_text() == "5000 100000\n"
