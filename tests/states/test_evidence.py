"""The seat-side program on a real seat: it sees what is there, and a reset ends one exercise and no other."""

from __future__ import annotations

from typing import Any

from on_seat import ONE, ROOT, TWO, Seat


def test_collect_sees_namespaces_hostname_and_proc_of_a_process(seat: Seat) -> None:
    script = "hostname inside; exec sleep 1001"
    found = seat.start(ONE, f"unshare -u -p -f --mount-proc sh -c '{script}'", "sleep 1001")
    evidence = seat.evidence()
    for kind in ("uts", "pid", "mnt"):
        assert found in evidence.processes.outside(kind), kind
    assert found not in evidence.processes.outside("net")
    names = evidence.uts_of(found)
    assert names and names.hostname == "inside" and evidence.hostname != "inside"
    assert found.is_init_of_namespace and found.proc_shows == found.ns["pid"] != evidence.init.ns["pid"]
    assert found.cwd == f"{ROOT}/{ONE}"
    procs = [mount for mount in evidence.mounts_of(found) if mount.target == "/proc"]
    assert len(procs) == 2, "the new /proc on top of the old one"


def test_collect_reads_a_root_as_the_process_in_it_sees_it(seat: Seat) -> None:
    seat.sh(
        f"cd {ROOT}/{ONE}; mkdir -p r/bin r/proc; cp /bin/busybox r/bin/; ln -s ../bin/busybox r/bin/sh; "
        "for f in /bin/sleep $(ldd /bin/sleep | grep -o '/[^ ]*'); do mkdir -p r$(dirname $f); cp -L $f r$f; done; "
        "cp -L $(ldd /usr/bin/python3 | grep -o '/[^ ]*libz[^ ]*') r/lib/; mount -t proc proc r/proc"
    )
    found = seat.start(ONE, "chroot r /bin/sleep 1002", "/bin/sleep 1002")
    evidence = seat.evidence()
    assert list(evidence.processes.rooted_in(f"{ROOT}/{ONE}")) == [found]
    root = evidence.root_of(found)
    assert root is not None and [mount.target for mount in root.mounts] == ["/proc"]
    assert root.program("/bin/sh") is root.programs["/bin/busybox"] and not root.programs["/bin/busybox"].needs
    needs = root.programs["/bin/sleep"].needs
    assert any("libc.so" in path for path in needs) and not root.programs["/bin/sleep"].missing
    (spare,) = set(root.libraries) - set(needs)
    assert "libz" in spare
    assert "proc/1" not in root.files, "mounts are not entered"


def test_a_root_that_lacks_the_loader_says_so(seat: Seat) -> None:
    seat.sh(f"cd {ROOT}/{ONE}; mkdir -p r/bin; cp /bin/busybox /bin/sleep r/bin/")
    found = seat.start(ONE, "chroot r /bin/busybox sleep 1003", "/bin/busybox sleep 1003")
    root = seat.evidence().root_of(found)
    assert root is not None and "libc.so.6" in root.programs["/bin/sleep"].missing


def test_reset_ends_one_exercise_and_no_other(seat: Seat) -> None:
    ours = seat.start(ONE, "sudo unshare -u sleep 1004", "sleep 1004")
    moved = seat.start(ONE, "sudo env --unset=PWD unshare -u sleep 1005", "sleep 1005", folder="/")
    theirs = seat.start(TWO, "sudo unshare -u sleep 1006", "sleep 1006")
    answer = seat.reset(ONE, "uts")
    assert answer["changed"] and not seat.lives(ours) and not seat.lives(moved)
    assert seat.lives(theirs)
    assert not seat.stat(f"{ROOT}/{ONE}") and seat.stat(f"{ROOT}/{TWO}").startswith("directory student")
    assert seat.reset(ONE, "uts") == {
        "changed": False, "killed": [], "unmounted": [], "removed": [], "hostname": None,
    }  # fmt: skip


def test_reset_spares_a_claimed_namespace_that_was_there_before_staging(seat: Seat) -> None:
    seat.reset(ONE, "uts")
    older = seat.start(TWO, "unshare -u sleep 1007", "sleep 1007", folder="/tmp")
    seat.stage(ONE)
    seat.reset(ONE, "uts")
    assert seat.lives(older)


def test_reset_ends_a_unit_of_the_students_and_leaves_no_failed_one(seat: Seat) -> None:
    seat.sh("systemd-run --quiet --unit=proof-one --property=Restart=always unshare -u sleep 1008")
    assert seat.reset(ONE, "uts")["killed"]
    assert "proof-one" not in seat.sh("systemctl list-units --all --plain --no-legend")


def test_reset_unmounts_before_it_removes_so_that_nothing_behind_a_mount_is_lost(seat: Seat) -> None:
    seat.sh(f"mkdir -p /tmp/precious; touch /tmp/precious/file; cd {ROOT}/{ONE}; mkdir -p a/b")
    seat.sh(f"cd {ROOT}/{ONE}; mount --bind /tmp/precious a; mkdir a/c; mount -t tmpfs none a/c; mount --bind a a")
    seat.sh(f"touch {ROOT}/{ONE}/kept; unshare --uts={ROOT}/{ONE}/kept true")
    answer = seat.reset(ONE, "uts")
    assert len(answer["unmounted"]) >= 4
    assert seat.stat("/tmp/precious/file")


def test_reset_does_not_follow_a_link_that_stands_for_the_folder(seat: Seat) -> None:
    seat.sh(f"mkdir -p /tmp/precious; touch /tmp/precious/file; rm -r {ROOT}/{ONE}; ln -s /tmp/precious {ROOT}/{ONE}")
    assert f"{ROOT}/{ONE}" in seat.reset(ONE)["removed"]
    assert seat.stat("/tmp/precious/file")
    seat.sh(f"mkdir -p /tmp/precious/one; mv {ROOT}/proof /tmp/proof; ln -s /tmp/precious {ROOT}/proof")
    try:
        assert "symbolic link" in seat.reset(ONE)["error"]["message"]
        assert seat.stat("/tmp/precious/one")
    finally:
        seat.sh(f"rm {ROOT}/proof; mv /tmp/proof {ROOT}/proof")


def test_reset_restores_the_hostname_of_before(seat: Seat) -> None:
    before = seat.evidence().hostname
    seat.sh(f"hostname {before}-x")
    assert seat.reset(ONE)["hostname"] is None, "not claimed: not touched"
    seat.sh(f"hostname {before}")
    seat.stage(ONE)
    seat.sh(f"hostname {before}-x")
    assert seat.reset(ONE, "uts")["hostname"] == before == seat.evidence().hostname


def test_a_foreign_proc_over_the_seats_is_seen_and_taken_away(seat: Seat) -> None:
    try:
        seat.sh(f"cd {ROOT}/{ONE}; setsid unshare -p -f sh -c 'mount -t proc proc /proc; sleep 1009; :' &>/dev/null &")
        seat.sh("for _ in $(seq 100); do [ -e /proc/self ] || exit 0; sleep 0.05; done; exit 1")
        evidence = seat.evidence()
        assert evidence.init.comm == "systemd" and evidence.init.proc_shows != evidence.init.ns["pid"]
    finally:
        seat.reset(ONE, "pid")
    evidence = seat.evidence()
    assert evidence.init.proc_shows == evidence.init.ns["pid"]


def test_stage_writes_only_what_differs_and_never_through_a_link(seat: Seat) -> None:
    texts: dict[str, Any] = {"texts": {"TASK.md": "Do it.\n"}, "marker": {"name": ONE, "digest": "1", "variant": {}}}
    told = seat.stage(ONE, check=True, **texts)
    assert told["changed"] and not seat.stat(f"{ROOT}/{ONE}/TASK.md")
    assert seat.stage(ONE, **texts)["changed"] and not seat.stage(ONE, **texts)["changed"]
    assert seat.evidence().staged[ONE]["digest"] == "1"
    seat.sh(f"cd {ROOT}/{ONE}; cp --preserve TASK.md /tmp/precious; ln -sf /tmp/precious TASK.md")
    assert seat.stage(ONE, **texts)["written"] == [f"{ROOT}/{ONE}/TASK.md"]
    assert seat.stat("/tmp/precious") == "regular file student 7"
    assert seat.stat(f"{ROOT}/{ONE}/TASK.md") == "regular file student 7"
