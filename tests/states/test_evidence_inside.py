"""What lies inside namespaces, control groups and Docker, read on a real seat and compared with what was put there."""

from __future__ import annotations

import shlex

from on_seat import ONE, ROOT, Seat


def test_processes_of_packaged_services_are_not_by_hand(seat: Seat) -> None:
    names = {process.comm for process in seat.evidence().processes.by_hand()}
    assert not names & {"systemd-logind", "systemd-journal", "dbus-daemon", "dockerd", "containerd"}, names


def test_network_shows_the_pair_its_packets_and_who_listens(seat: Seat) -> None:
    seat.sh("ip netns add t1; ip link add t0 type veth peer name t0p netns t1; ip addr add 10.99.1.1/24 dev t0")
    seat.sh("ip link set t0 up; ip -n t1 addr add 10.99.1.2/24 dev t0p; ip -n t1 link set t0p up")
    seat.sh("ip netns exec t1 ping -c 1 -W 5 10.99.1.1")
    found = seat.start(ONE, "ip netns exec t1 busybox httpd -f -p 8099", "busybox httpd -f -p 8099")
    evidence = seat.evidence()
    inside, outside = evidence.network_of(found), evidence.network_of(evidence.init)
    assert inside and outside
    near, far = outside.interface_with("10.99.1.1"), inside.interface_with("10.99.1.2")
    assert near and far and near.kind == far.kind == "veth"
    assert (near.peer_index, far.peer_index) == (far.index, near.index)
    assert far.up and far.carrier and far.received >= 1 and far.addresses[0] == "10.99.1.2/24"
    assert [(one.port, one.pid) for one in inside.listeners] == [(8099, found.pid)]
    assert 22 in [one.port for one in outside.listeners] and 8099 not in [one.port for one in outside.listeners]
    assert [one.path for one in evidence.kept_of("net")] == ["/run/netns/t1"]


def test_reset_takes_interfaces_rules_and_kept_namespaces_away_but_not_dockers(seat: Seat) -> None:
    seat.sh("docker run -d --rm --name proof-net busybox:local sleep 1200")
    try:
        before = seat.sh("iptables-save -t nat | grep -c DOCKER")
        seat.sh("ip netns add t1; ip link add t0 type veth peer name t0p; ip addr add 10.99.2.1/24 dev t0")
        seat.sh("iptables -t nat -A POSTROUTING -o t0 -j MASQUERADE")
        gone = seat.reset(ONE, "net")["removed"]
        assert "t0" in gone and "nat -A POSTROUTING -o t0 -j MASQUERADE" in gone
        assert not seat.stat("/run/netns")
        assert seat.sh("iptables-save -t nat | grep -c DOCKER") == before
        assert seat.sh("docker exec proof-net ip route").startswith("default")
    finally:
        seat.sh("docker rm -f proof-net")


def test_ipc_shows_queues_of_both_kinds_and_reset_takes_the_seats_away(seat: Seat) -> None:
    make = (
        "import os, ctypes; rt = ctypes.CDLL(None); print(rt.mq_open(b'/proof', os.O_CREAT | os.O_RDWR, 0o600, None))"
    )
    inner = f'ipcmk -Q; python3 -c "{make}"; exec sleep 1210'
    found = seat.start(ONE, f"unshare --ipc bash -c {shlex.quote(inner)}", "sleep 1210")
    evidence = seat.evidence()
    inside, outside = evidence.ipc_of(found), evidence.ipc_of(evidence.init)
    assert inside and outside and len(inside.msg) == 1 and not outside.msg
    assert inside.queues == {"proof": 0} and not outside.queues
    seat.sh("ipcmk -Q; ipcmk -M 4096; ipcmk -S 1; touch /dev/mqueue/seats")
    assert list(seat.evidence().ipc[evidence.init.ns["ipc"]].queues) == ["seats"]
    assert len(seat.reset(ONE, "ipc")["removed"]) >= 4
    assert not any([(left := seat.evidence().ipc[evidence.init.ns["ipc"]]).msg, left.shm, left.sem, left.queues])


def test_clocks_of_a_time_namespace(seat: Seat) -> None:
    found = seat.start(ONE, "unshare --time --fork --boottime 172800 sleep 1220", "sleep 1220")
    assert seat.evidence().time_offsets_of(found) == {"monotonic": 0, "boottime": 172800}


def test_cgroup_is_seen_from_outside_and_from_its_own_namespace_and_reset_removes_it(seat: Seat) -> None:
    seat.sh(
        "c=/sys/fs/cgroup; [ -e $c/cgroup.controllers ] || c=$c/memory; mkdir $c/proof; cd $c/proof; "
        "echo 33554432 > $(ls memory.max memory.limit_in_bytes 2>/dev/null); "
        f"cd {ROOT}/{ONE}; (echo $BASHPID > $c/proof/cgroup.procs; "
        "exec setsid unshare --cgroup sleep 1230 </dev/null >/dev/null 2>&1) &"
    )
    seat.sh("for _ in $(seq 100); do pgrep -f -x 'sleep 1230' && exit; sleep 0.05; done; exit 1")
    evidence = seat.evidence()
    (found,) = evidence.processes.where(lambda process: process.command == "sleep 1230")
    (cgroup,) = [one for one in evidence.cgroups_of(found) if one.path == "/proof"]
    assert cgroup.memory_limit == 33554432 and cgroup.oom_kills == 0 and not cgroup.made_by_systemd
    key = "memory" if "memory" in found.cgroup else ""
    assert found.cgroup[key].endswith("/proof") and evidence.cgroup_views[found.pid][key] == "/"
    assert seat.reset(ONE, "cgroup")["changed"]
    assert "/proof" not in [one.path for one in seat.evidence().cgroups]


def test_reset_unmounts_what_was_mounted_elsewhere_only_where_mnt_is_claimed(seat: Seat) -> None:
    seat.sh("mkdir -p /tmp/precious; mount -t tmpfs none /tmp/precious")
    assert not seat.reset(ONE)["unmounted"]
    seat.sh("umount /tmp/precious")
    seat.stage(ONE)
    seat.sh("mount -t tmpfs none /tmp/precious")
    assert seat.reset(ONE, "mnt")["unmounted"] == ["/tmp/precious"]


def test_engine_tells_what_docker_has_and_reset_spares_what_was_there_and_what_is_anothers(
    seat: Seat,
) -> None:
    seat.reset(ONE, "docker")
    seat.sh("docker volume create proof-old")
    try:
        seat.stage(ONE, marker={"name": ONE, "digest": "1", "variant": {"name": "proof-mine"}})
        seat.stage("proof/two", marker={"name": "proof/two", "digest": "1", "variant": {"name": "proof-theirs"}})
        seat.sh("docker volume create proof-theirs; docker volume create loose; docker network create proof-mine")
        seat.sh(
            "docker run -d --name proof-mine --memory 32m -v proof-mine:/d "
            "--network proof-mine busybox:local sleep 1240"
        )
        seat.sh("docker commit proof-mine proof-mine:1")
        engine = seat.evidence(docker=True).engine
        container = engine.container("proof-mine")
        assert container and container["HostConfig"]["Memory"] == 33554432 and container["State"]["Running"]
        assert engine.image("proof-mine:1") and engine.image("busybox:local") and engine.volume("loose")
        assert (network := engine.network("proof-mine")) and len(network["Containers"]) == 1
        gone = " ".join(seat.reset(ONE, "docker")["removed"])
        assert all(
            kind in gone for kind in ("containers/", "images/proof-mine:1", "volumes/loose", "networks/proof-mine")
        )
        after = seat.evidence(docker=True).engine
        assert after.image("busybox:local") and after.volume("proof-old") and after.volume("proof-theirs")
        assert not after.container("proof-mine") and not after.volume("proof-mine")
    finally:
        seat.sh("docker volume rm -f proof-old proof-theirs")


def test_reset_takes_images_built_upon_each_other_and_stray_tags_and_mends_the_given_image(seat: Seat) -> None:
    seat.reset(ONE, "docker")
    before = seat.ask("snapshot", {})["docker"]
    seat.stage(ONE, marker={"name": ONE, "digest": "1", "variant": {"name": "proof-mine"}})
    build = "printf 'FROM %s\\nENV STEP=%s\\nRUN echo $STEP >/step\\n' {} | DOCKER_BUILDKIT={} docker build -q -t {} -"
    for base, builder, tag in (
        ("busybox:local 1", 0, "proof:1"),
        ("proof:1 2", 0, "proof:2"),
        ("proof:2 3", 0, "proof:2"),  # the one before stays, without a tag
        ("proof:2 4", 0, "busybox:local"),
    ):
        seat.sh("docker tag busybox:local proof:given; " + build.format(base, builder, tag))
    seat.sh("docker create --name proof-mine proof:1")
    assert "damaged/busybox:local" in seat.ask("snapshot", {})["docker"]
    gone = " ".join(seat.reset(ONE, "docker")["removed"])
    assert all(f"images/{tag}" in gone for tag in ("proof:1", "proof:2", "proof:given", "busybox:local"))
    assert seat.ask("snapshot", {})["docker"] == before
    assert seat.sh("docker run --rm busybox:local cat /step 2>&1 || true").startswith("cat: ")


def test_a_probe_looks_inside_namespaces_and_one_that_hangs_is_ended(seat: Seat) -> None:
    found = seat.start(ONE, "unshare --uts --pid --fork sh -c 'hostname probed; exec sleep 1250'", "sleep 1250")
    works = f"""
def probe(seat):
    import os, socket
    def look():
        return [socket.gethostname(), os.getpid() < 10]
    return [seat.inside({found.pid}, "uts pid", look), seat.variant.word, seat.folder, {found.pid} in seat.processes,
            seat.run("echo", "x")["out"], seat.http("127.0.0.1", 9), seat.text("/no")]
"""
    hangs = "def probe(seat):\n    while True:\n        pass\n"
    breaks = "def probe(seat):\n    return seat.nothing\n"
    sources = {ONE: works, "proof/two": hangs, "proof/three": breaks}
    # No JSON, and half a character: neither spoils what the others say.
    sources |= {"proof/four": "def probe(seat):\n    return float('nan')\n"}
    sources |= {"proof/six": "def probe(seat):\n    return {1}\n"}
    sources |= {"proof/five": "def probe(seat):\n    return 'half \\ud800'\n"}
    probes = {name: {"source": source, "variant": {"word": "w"}} for name, source in sources.items()}
    late = {"proof/two": probes.pop("proof/two")}  # alone: the others have the time that a busy seat takes
    said = {**seat.evidence(probes=probes).probes, **seat.evidence(probes=late, probe_seconds=1).probes}
    looked, word, folder, known, echo, http, text = said[ONE].answer
    assert looked == ["probed", True] and (word, folder, known, echo) == ("w", f"{ROOT}/{ONE}", True, "x\n")
    assert "refused" in http["error"] and text is None
    assert said["proof/two"].late and "in time" in said["proof/two"].error
    assert "nothing" in said["proof/three"].error and not said["proof/three"].late
    assert "TypeError" in said["proof/six"].error and "not JSON compliant" in said["proof/four"].error
    assert said["proof/five"].answer == "half \ufffd"
