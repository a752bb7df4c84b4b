"""The model over the collected JSON, and the pure functions of the seat-side program."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from documents import document, process

from bancada.evidence import Evidence, Mount, Processes
from bancada.onseat.seatside import layers, pristine, processes, program
from bancada.onseat.seatside import main as seatside_main
from bancada.onseat.seatside.base import within
from bancada.onseat.seatside.files import elf, resolve, walk
from bancada.onseat.seatside.ownership import belonging
from bancada.onseat.seatside.processes import is_packaged, unit_of

FOLDER = "/home/student/exercises/namespaces/uts"
OTHER = "/home/student/exercises/namespaces/pid"


def read(*procs: dict[str, Any], **values: Any) -> Evidence:
    return Evidence.from_json(json.dumps(document(*procs, **values)))


def pids(found: Any) -> list[int]:
    return [one.pid for one in found]


def test_outside_gives_who_is_in_another_namespace_of_that_type() -> None:
    seat = read(process(5), process(6, ns={"uts": 9}), process(7, ns={"pid": 9}))
    assert pids(seat.processes.outside("uts")) == [6]
    assert pids(seat.processes.outside("pid")) == [7]


def test_by_hand_leaves_out_services_and_containers() -> None:
    seat = read(
        process(5, ns={"uts": 9}, service="systemd-logind.service"),
        process(6, ns={"uts": 9}, container=True),
        process(7, ns={"uts": 9}),
    )
    assert pids(seat.processes.by_hand().outside("uts")) == [7]


def test_rooted_in_does_not_take_a_longer_name_for_the_folder() -> None:
    seat = read(process(5, root="/a/root"), process(6, root="/a/root2"))
    assert pids(seat.processes.rooted_in("/a/root")) == [5]


def test_init_of_a_namespace_is_1_in_it_and_has_another_number_outside() -> None:
    seat = read(process(5, nspid=[5, 1]), process(6, nspid=[6, 2]))
    assert pids(seat.processes.where(lambda one: one.is_init_of_namespace)) == [5]
    assert not seat.init.is_init_of_namespace


def test_an_exercise_does_not_see_the_processes_of_another() -> None:
    seat = read(process(5, cwd=FOLDER), process(6, pwd=OTHER), process(7, cwd=FOLDER, pwd=OTHER), process(8))
    assert pids(seat.seen_from(FOLDER, "/home/student/exercises").processes) == [1, 5, 7, 8]


def test_evidence_of_a_namespace_is_found_through_a_process() -> None:
    eth = {"name": "eth0", "index": 2, "peer_index": 7, "kind": "veth", "up": True, "carrier": True, "master": None,
           "mac": None, "addresses": ["10.1.2.3/24"], "received": 4, "sent": 5}  # fmt: skip
    listener = {"protocol": "tcp", "address": "0.0.0.0", "port": 80, "pid": 5}
    seat = read(
        process(5, ns={"net": 9, "ipc": 8, "time": 7}),
        networks={"9": {"interfaces": [eth], "routes": [{"dst": "default"}], "listeners": [listener]}},
        ipc={"8": {"queues": {"q": 3}, "msg": [{"key": 1}], "shm": [], "sem": []}},
        time_offsets={"7": {"boottime": 86400.0}},
        cgroups={"/demo": {"folders": ["/sys/fs/cgroup/demo"], "pids": [5], "memory_limit": 1024}},
        kept=[{"type": "uts", "inode": 6, "path": "/k"}],
    )
    found = seat.processes.with_(pid=5)[0]
    network, ipc = seat.network_of(found), seat.ipc_of(found)
    assert network and ipc and ipc.queues == {"q": 3}
    assert (face := network.interface_with("10.1.2.3")) and face.peer_index == 7
    assert network.interface_with("10.1.2.4") is None and network.listeners[0].port == 80
    assert seat.time_offsets_of(found) == {"boottime": 86400.0} and seat.time_offsets_of(seat.init) == {}
    (cgroup,) = seat.cgroups_of(found)
    assert cgroup.memory_limit == 1024 and cgroup.cpu_limit is None and not cgroup.made_by_systemd
    assert [one.path for one in seat.kept_of("uts")] == ["/k"] and seat.kept_of("net") == ()
    assert seat.engine.containers == () and seat.engine.container("none") is None


def test_capabilities_are_asked_for_by_number() -> None:
    one = read(process(5, caps={"Eff": 1 << 10, "Bnd": 0})).processes.with_(pid=5)[0]
    assert one.has_cap(10) and not one.has_cap(9) and not one.has_cap(10, "Bnd")


def test_uts_of_is_none_where_the_namespace_could_not_be_entered() -> None:
    seat = read(process(5, ns={"uts": 9}))
    assert seat.uts_of(seat.processes.with_(pid=5)[0]) is None
    assert (names := seat.uts_of(seat.init)) and names.hostname == "seat"


def test_root_is_found_by_the_directory_not_by_its_path() -> None:
    root = {
        "path": "/", "id": [8, 77], "mounts": [], "truncated": False, "libraries": [],
        "files": {"bin": {"type": "dir", "mode": 493, "size": 1, "id": [8, 78]},
                  "bin/sh": {"type": "link", "mode": 511, "size": 7, "target": "/bin/busybox"},
                  "bin/no": {"type": "link", "mode": 511, "size": 7, "target": None}},
        "programs": {"/bin/busybox": {"interpreter": None, "needs": [], "missing": []}},
    }  # fmt: skip
    seat = read(process(5, root_id=[8, 77]), roots=[root])
    (living,) = seat.processes.in_other_root()
    found = seat.root_of(living)
    assert found is not None and seat.root_of(seat.init) is None
    assert found.program("/bin/sh") == found.programs["/bin/busybox"]
    assert found.program("/bin/no") is None and found.program("/bin/gone") is None
    assert found.files["bin"].id == (8, 78)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"error": {"message": "no /proc"}}, "^no /proc$"),
        (document(evidence=1), "^evidence of version 1; this program reads version 3$"),
        ({}, "^evidence of version None; this program reads version 3$"),
    ],
)
def test_a_refusal_and_an_unknown_version_are_no_evidence(answer: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Evidence.from_json(json.dumps(answer))


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/system.slice/ssh.service", "ssh.service"),
        ("/libpod_parent/libpod-1/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service"),
        ("/user.slice/user-1001.slice/user@1001.service/app.slice/run-1.service", None),
        ("/user.slice/user-1001.slice/session-3.scope", None),
    ],
)
def test_unit_is_one_of_the_system_not_of_a_user(path: str, service: str | None) -> None:
    assert unit_of({"": path}) == service
    assert unit_of({"name=systemd": path, "": "/"}) == service


def test_only_a_unit_of_a_package_is_packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "UNITS", (str(tmp_path),))
    (tmp_path / "getty@.service").touch()
    (tmp_path / "ssh.service").touch()
    assert is_packaged("ssh.service") and is_packaged("getty@tty1.service")
    assert not is_packaged("run-u7.service")


def test_within_compares_whole_names() -> None:
    assert within("/a/b", "/a/b") and within("/a/b/c", "/a/b/")
    assert not within("/a/bc", "/a/b") and not within(None, "/a")


def test_walk_names_mount_points_but_does_not_enter_them_and_says_when_it_stopped(tmp_path: Path) -> None:
    (tmp_path / "a/deep").mkdir(parents=True)
    (tmp_path / "mounted").mkdir()
    (tmp_path / "mounted/inside").touch()
    (tmp_path / "link").symlink_to("a")
    files, truncated = walk(str(tmp_path), {"mounted"})
    assert sorted(files) == ["a", "a/deep", "link", "mounted"] and not truncated
    assert files["link"]["target"] == "a"
    assert walk(str(tmp_path), limit=2)[1]


def test_resolve_follows_links_inside_the_root_and_never_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "usr/lib").mkdir(parents=True)
    (tmp_path / "usr/lib/libc.so.6").touch()
    (tmp_path / "lib").symlink_to("/usr/lib")
    (tmp_path / "usr/lib/absolute").symlink_to("/lib/libc.so.6")
    (tmp_path / "out").symlink_to("../../../usr/lib/libc.so.6")
    (tmp_path / "loop").symlink_to("loop")
    top = str(tmp_path)
    assert resolve(top, "/lib/libc.so.6") == "/usr/lib/libc.so.6"
    assert resolve(top, "/lib/absolute") == "/usr/lib/libc.so.6"
    assert resolve(top, "/out") == "/usr/lib/libc.so.6"
    assert resolve(top, "/loop") is None and resolve(top, "/etc/passwd") is None


def test_elf_tells_programs_from_libraries_and_agrees_with_ldd(tmp_path: Path) -> None:
    said = subprocess.run(["ldd", "/bin/sh"], capture_output=True, text=True, check=True).stdout
    found = elf("/bin/sh")
    assert found is not None and found["program"] and found["interpreter"] in said
    assert found["needed"] == ["libc.so.6"]
    libc = next(word for word in said.split() if "/libc.so" in word)
    library = elf(libc)
    assert library is not None and not library["program"]
    (tmp_path / "text").write_text("#!/bin/sh\n" * 20)
    assert elf(str(tmp_path / "text")) is None


# Which processes a reset ends


def ended(*living: dict[str, Any], claims: tuple[str, ...] = ("uts",), **before: Any) -> list[int]:
    procs = {one["pid"]: one for one in copy.deepcopy([process(1, 0, comm="systemd"), *living])}
    request = {"folder": FOLDER, "claims": claims, "other_folders": [OTHER]}
    return [one["pid"] for one in belonging(procs, request, {"processes": {}, "services": [], **before})]


def test_reset_ends_who_stands_in_the_folder_by_any_of_four_signs() -> None:
    signs: tuple[dict[str, Any], ...] = (
        {"cwd": FOLDER},
        {"root": f"{FOLDER}/root"},
        {"exe": f"{FOLDER}/sleep"},
        {"pwd": FOLDER},
    )
    for sign in signs:
        assert ended(process(5, 1, **sign)) == [5], sign
    assert ended(process(5, cwd=OTHER), process(6, cwd=f"{FOLDER}2")) == []


def test_reset_ends_who_has_a_claimed_namespace_but_not_the_neighbours() -> None:
    assert ended(process(5, ns={"uts": 9}), process(6, ns={"mnt": 9}), process(7, ns={"uts": 9}, cwd=OTHER)) == [5]
    assert ended(process(5, root_id=[8, 9])) == [] and ended(process(5, root_id=[8, 9]), claims=("root",)) == [5]


def test_reset_ends_unshare_that_did_not_fork() -> None:
    assert ended(process(5, ns={"pid_for_children": 9}), claims=("pid",)) == [5]


def test_reset_ends_virtual_machines_where_they_are_claimed_but_not_the_neighbours() -> None:
    emulator: dict[str, Any] = {"exe": "/usr/bin/qemu-system-x86_64"}
    machines = process(5, cwd="/", **emulator), process(6, cwd=OTHER, **emulator)
    assert ended(*machines) == [] and ended(*machines, claims=("vm",)) == [5]
    assert ended(*machines, claims=("vm",), processes={"5 50": []}) == []


def test_reset_spares_who_was_there_before_unless_it_has_changed_since() -> None:
    assert ended(process(5, cwd=FOLDER), processes={"5 50": []}) == []
    assert ended(process(5, ns={"uts": 9}), processes={"5 50": ["uts"]}) == []
    assert ended(process(5, ns={"uts": 9}), processes={"5 50": []}) == [5]
    assert ended(process(5, cwd=FOLDER), processes={"5 49": []}) == [5], "the same number, but another process"


def test_reset_spares_services_of_the_system_and_containers_but_not_a_students_unit() -> None:
    foreign = {"uts": 9}
    assert ended(process(5, ns=foreign, unit="known.service"), services=["known.service"]) == []
    assert ended(process(5, ns=foreign, unit="run-u7.service")) == [5]
    assert ended(process(5, ns=foreign, container=True)) == []


def test_reset_spares_the_login_shell_but_not_one_that_went_elsewhere() -> None:
    sshd = process(4, comm="sshd-session", pwd=FOLDER)
    shell: dict[str, Any] = {"comm": "bash", "exe": "/usr/bin/bash", "cwd": FOLDER}
    assert ended(sshd, process(5, 4, **shell), process(6, 5, **shell)) == [6]
    assert ended(sshd, process(5, 4, ns={"uts": 9}, **shell)) == [5]


def test_reset_ends_wrappers_and_descendants_with_it() -> None:
    assert ended(
        process(3, comm="sudo"),
        process(4, 3, comm="unshare"),
        process(5, 4, ns={"uts": 9}),
        process(6, 5, ns={"uts": 1}),
        process(7, 3, comm="bash"),
    ) == [3, 4, 5, 6, 7]
    assert ended(process(4, comm="bash"), process(5, 4, ns={"uts": 9})) == [5], "an interactive shell is no wrapper"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fly"], "unknown command 'fly'"),
        (["reset", '{"name": "a/b", "folder": "/etc"}'], "/etc is not the folder of a/b"),
        (["reset", '{"name": "a/b", "folder": "/x/../a/b"}'], "is not the folder"),
        (["baseline", "../../etc"], "not the name of an exercise"),
        (["reset", "{"], "JSONDecodeError"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_document(words: list[str], said: str) -> None:
    done = subprocess.run([sys.executable, "-", *words], input=program().encode(), capture_output=True)
    assert done.returncode == 1 and not done.stderr
    assert said in json.loads(done.stdout)["error"]["message"]


@pytest.mark.parametrize(("said", "read"), [("\udcc3\udca9", "é"), ("\udcff", "\ufffd"), ("\ud800x", "\ufffdx")])
def test_what_is_printed_is_a_document_whatever_is_in_it(
    said: str, read: str, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Names of files hold any bytes; what a probe says can hold halves of characters."""
    monkeypatch.setattr(seatside_main, "see_through_proc", lambda keep: None)
    monkeypatch.setitem(seatside_main.COMMANDS, "collect", lambda: {"said": said})
    assert seatside_main.main("collect") == 0
    assert json.loads(capfdbinary.readouterr().out) == {"said": read}


def test_a_long_argument_can_stand_before_the_program() -> None:
    request = {"name": "a/b", "folder": "/etc"}
    argv = json.dumps(["reset", json.dumps([request] * 1000)])
    done = subprocess.run([sys.executable, "-"], input=f"ARGV = {argv}\n{program()}".encode(), capture_output=True)
    assert "/etc is not the folder of a/b" in json.loads(done.stdout)["error"]["message"]


def test_the_program_is_plain_python_of_the_standard_library() -> None:
    done = subprocess.run([sys.executable, "-I", "-S", "-", "fly"], input=program().encode(), capture_output=True)
    assert json.loads(done.stdout)["error"]


def test_reset_forgets_failed_units_of_systemd_run_but_not_those_that_were_there_or_have_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("new.service", "old.service"):
        (tmp_path / name).touch()
    asked: list[tuple[str, ...]] = []

    def systemctl(*arguments: str) -> subprocess.Popen[str]:
        asked.append(arguments)
        listed = "".join(f"{name}.service loaded failed failed x\n" for name in ("new", "old", "own"))
        return subprocess.Popen(["printf", listed], stdout=subprocess.PIPE, text=True)

    monkeypatch.setattr(pristine, "TRANSIENT", str(tmp_path))
    monkeypatch.setattr(pristine, "systemctl", systemctl)
    assert pristine.forget_failed(["old.service"]) == ["new.service"]
    assert asked[1:] == [("reset-failed", "new.service")]


def test_a_container_sees_the_highest_layer_and_not_what_it_hides() -> None:
    below = {
        "www/index.html": {"text": "old"},
        "www/logo": {"text": "l"},
        "opt/a/b": {"text": "b"},
        "etc/x": {"text": "x"},
    }
    above = {"www/index.html": {"text": "new"}, "opt/.wh.a": {}, "etc/.wh..wh..opq": {}, ".wh.srv": {}}
    seen = {path: layers.seen([{"srv/page": {}, **below}, above], path) for path in (*below, "srv/page", "none")}
    assert {path: one["text"] for path, one in seen.items() if one} == {"www/index.html": "new", "www/logo": "l"}


@pytest.mark.parametrize(
    ("fstype", "made_up"),
    [
        ("hugetlbfs", True),
        ("fusectl", True),
        ("cgroup", True),
        ("ext4", False),
        ("overlay", False),
        ("fuse.sshfs", False),
    ],
)
def test_what_the_kernel_makes_up_is_no_part_of_the_seat(fstype: str, made_up: bool) -> None:
    """Which of these file systems a computer has mounted is not its student's doing."""
    assert Mount(1, 0, "/", "/x", fstype, "none", ()).is_the_kernels is made_up


def test_evidence_that_a_class_of_version_0_1_0_kept_is_read() -> None:
    old = document(process(5))
    old |= {"evidence": 2, "docker": old.pop("services")["docker"]}
    assert Evidence.from_json(json.dumps(old)).services["docker"] == {"socket": "active", "service": "inactive"}


def test_thousands_of_processes_are_gone_through_once_and_not_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(*(process(pid, ppid=pid // 2) for pid in range(2, 2001))).processes
    monkeypatch.setattr(Processes, "where", None)
    for one in found:
        assert pids(found.children_of(one)) == [pid for pid in (2 * one.pid, 2 * one.pid + 1) if pid <= 2000]
        assert found.with_(pid=one.pid)[0] is one
        assert len(found.inside("pid", one.ns["pid"])) == len(found.sharing("pid", one)) == 2000
