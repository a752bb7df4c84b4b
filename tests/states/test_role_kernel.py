"""What role `kernel` promises of a seat, seen by other means than the role's own probe: unshare(1), ip(8), mount(8)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from testinfra.host import Host

KINDS = {"mnt": "--mount", "uts": "--uts", "ipc": "--ipc", "pid": "--pid", "net": "--net"}
KINDS |= {"user": "--user", "cgroup": "--cgroup", "time": "--time"}
FEATURES = {*KINDS, "unprivileged_userns", "overlayfs", "veth", "bridge", "cgroup_memory", "cgroup_cpu", "cgroup_pids"}


def as_root(host: Host, script: str, *values: str) -> str:
    """What the shell *script* prints, run as root with *values* as $1, $2…"""
    holes = " ".join("%s" for _ in values)
    with host.sudo():
        return str(host.check_output(f"sh -euc %s sh {holes}", script, *values))


@pytest.fixture
def report(host: Host) -> dict[str, Any]:
    return dict(json.loads(host.file("/var/lib/bancada/kernel.json").content_string))


def test_the_seat_says_that_every_feature_was_tried_and_is_usable(report: dict[str, Any]) -> None:
    assert report["features"].keys() == FEATURES
    assert [name for name, result in report["features"].items() if not result["usable"]] == []
    assert [name for name, result in report["features"].items() if not result["tried"]] == []


def test_the_report_is_root_s_and_everyone_may_read_it(host: Host) -> None:
    file = host.file("/var/lib/bancada/kernel.json")
    assert (file.user, file.group, file.mode) == ("root", "root", 0o644)


def test_the_report_is_about_the_kernel_that_runs(host: Host, report: dict[str, Any]) -> None:
    assert report["release"] == host.check_output("uname -r")


@pytest.mark.parametrize("kind", KINDS)
def test_root_can_make_a_namespace_of_each_type(host: Host, kind: str) -> None:
    seat = as_root(host, 'readlink "/proc/self/ns/$1"', kind)
    made = as_root(host, 'unshare "$2" --fork readlink "/proc/self/ns/$1"', kind, KINDS[kind])
    assert seat.startswith(f"{kind}:[")
    assert made.startswith(f"{kind}:[")
    assert made != seat


def test_an_unprivileged_user_can_make_a_user_namespace(host: Host) -> None:
    with host.sudo("nobody"):
        assert host.check_output("id -u") != "0"
        assert host.check_output("unshare --user --map-root-user id -u") == "0"


def test_an_unprivileged_user_is_really_root_in_it(host: Host) -> None:
    with host.sudo("nobody"):
        assert host.check_output("unshare --user --map-root-user --uts sh -c 'hostname inside; hostname'") == "inside"
    assert host.check_output("hostname") != "inside"


def test_an_overlay_can_be_mounted_and_keeps_its_lower_layer_as_it_was(host: Host) -> None:
    script = """mount -t tmpfs tmpfs /mnt; cd /mnt; mkdir lower upper work merged; echo old >lower/file
        mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged
        echo new >merged/file; cat merged/file lower/file upper/file"""
    assert as_root(host, 'unshare --mount sh -euc "$1"', script).split() == ["new", "old", "new"]


def test_packets_cross_a_veth_pair_and_a_bridge(host: Host) -> None:
    script = """ip link add br0 type bridge; ip addr add 192.0.2.1/24 dev br0; ip link set br0 up
        unshare --net sleep 60 & other=$!
        until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
        ip link add near type veth peer name far netns $other; ip link set near master br0 up
        nsenter --net=/proc/$other/ns/net sh -euc 'ip addr add 192.0.2.2/24 dev far; ip link set far up'
        until ip neigh show dev br0 | grep -o ^192.0.2.2; do
            nsenter --net=/proc/$other/ns/net bash -c 'echo >/dev/udp/192.0.2.1/9'
        done"""
    # What is still running in the PID namespace is killed with its first process, and the interfaces go with them.
    inside = 'timeout 20 unshare --net --pid --fork --kill-child --mount-proc sh -euc "$1"'
    assert as_root(host, inside, script) == "192.0.2.2"


# Of each controller: file and value on version 1, file and value on version 2, and systemd's name for the latter.
LIMITS = {
    "memory": ("memory.limit_in_bytes", "67108864", "memory.max", "67108864", "MemoryMax=64M"),
    "cpu": ("cpu.cfs_quota_us", "20000", "cpu.max", "20000 100000", "CPUQuota=20%"),
    "pids": ("pids.max", "16", "pids.max", "16", "TasksMax=16"),
}


@pytest.mark.parametrize("controller", LIMITS)
def test_a_process_can_be_put_under_a_limit_of_its_own(host: Host, controller: str) -> None:
    file_1, value_1, file_2, value_2, setting = LIMITS[controller]
    if host.file("/sys/fs/cgroup/cgroup.controllers").exists:
        script = (
            'systemd-run --quiet --wait --pipe -p "$2" sh -c "cat /sys/fs/cgroup\\$(cut -d: -f3 /proc/self/cgroup)/$1"'
        )
        assert as_root(host, script, file_2, setting) == value_2
        return
    script = """cd "/sys/fs/cgroup/$1"; mkdir bancada-test; trap 'rmdir bancada-test' EXIT
        echo "$3" >"bancada-test/$2"; cat "bancada-test/$2"
        sh -euc 'echo $$ >bancada-test/cgroup.procs; grep -o "[:,]$1[:,].*/bancada-test$" /proc/self/cgroup' sh "$1" """
    limit, path = as_root(host, script, controller, file_1, value_1).split()
    assert limit == value_1
    assert path.endswith("/bancada-test")


def test_the_limit_of_processes_is_enforced(host: Host) -> None:
    # Two processes are the shell and its only child.
    crowd = "sh -c '/bin/true; sleep 0 & sleep 0 & sleep 0; wait'"
    if host.file("/sys/fs/cgroup/cgroup.controllers").exists:
        inside = 'systemd-run --quiet --wait --pipe -p TasksMax=2 sh -c "$1"'
    else:
        inside = """cd /sys/fs/cgroup/pids; mkdir bancada-test; trap 'rmdir bancada-test' EXIT
            echo 2 >bancada-test/pids.max; sh -c 'echo $$ >bancada-test/cgroup.procs; exec sh -c "$1"' sh "$1" """
    with host.sudo():
        result = host.run("sh -euc %s sh %s", inside, crowd)
    assert "ork" in result.stderr  # "Cannot fork", in dash's and bash's words
    assert result.rc != 0


def test_the_probe_left_no_cgroup_and_no_interface(host: Host) -> None:
    assert as_root(host, "find /sys/fs/cgroup -name bancada-probe") == ""
    assert "probe" not in as_root(host, "ls /sys/class/net")


def test_a_container_makes_its_cgroups_writable_at_each_boot(host: Host, report: dict[str, Any]) -> None:
    if report["container"] == "none":
        pytest.skip("this seat has a kernel of its own: its cgroups are writable without a service")
    service = host.service("bancada-cgroups.service")
    assert service.is_enabled
    assert service.is_running


@pytest.mark.parametrize("controller", LIMITS)
def test_what_a_container_may_write_is_its_own_cgroup(host: Host, report: dict[str, Any], controller: str) -> None:
    mount = host.run("findmnt --noheadings --output FSROOT,VFS-OPTIONS /sys/fs/cgroup/%s", controller)
    if report["container"] == "none" or mount.rc != 0:
        pytest.skip("cgroups of version 2, or of a seat with a kernel of its own: nothing was made writable")
    root, options = mount.stdout.split()
    assert "rw" in options.split(",")
    assert root == as_root(host, "grep ':'$1':' /proc/1/cgroup | cut -d: -f3", controller)
