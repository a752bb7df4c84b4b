"""The computers that people have: a firewall that forwards nothing, no IPv6, another disk, a file mode of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import AS_ROOT, ROOT, Bancada
from network import OUTSIDE, network, serving

pytestmark = pytest.mark.whole

EXERCISE = "namespaces/uts"


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from outside\n")

    def log_message(self, *args: object) -> None:
        pass


def test_seats_reach_the_network_where_docker_lets_nothing_through_and_there_is_no_ipv6(
    bancada: Bancada, fresh: Bancada
) -> None:
    """`bancada` has seen to it that there is an image."""
    with network(fresh) as there, serving(ThreadingHTTPServer((OUTSIDE, 0), Hello)) as port:
        there.sh("""
            echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
            iptables --policy FORWARD DROP
            nft add table inet own
            nft 'add chain inet own forward { type filter hook forward priority 0; policy accept; }'
        """)
        before = there.sh("iptables --list-rules FORWARD").splitlines()
        done = fresh("up", "seat-01")
        assert done.returncode == 0, done.stderr
        assert "forwards only what iptables names (FORWARD DROP)" in done.stderr
        admitted = there.sh("iptables --list-rules FORWARD")
        assert len(re.findall(r'--comment "?bancada"? ', admitted)) == 2, admitted
        said = fresh("ssh", "seat-01", f"curl --silent --max-time 20 http://{OUTSIDE}:{port}/")
        assert said.stdout == "hello from outside\n", said
        assert fresh("check", "seat-01", "-e", EXERCISE).returncode == 1

        assert "inet own" not in fresh("doctor").stdout
        there.sh("nft 'chain inet own forward { policy drop; }'")
        assert "FORWARD DROP" not in fresh("up", "seat-01").stderr
        assert there.sh("iptables --list-rules FORWARD") == admitted
        assert "the chain inet own forward forwards only what it names" in fresh("doctor").stdout
        there.sh("nft 'add rule inet own forward iifname podman0 accept'")
        assert "inet own" not in fresh("doctor").stdout

        assert fresh("down", "--all", "--yes").returncode == 0  # says nothing of it: another class is up
        code = "from bancada.providers.podman import firewall; print(*firewall.undo())"
        there.sh(there.sh(f"cd {ROOT} && PYTHONPATH=src {sys.executable} -c '{code}'"))
        left = there.sh("iptables --list-rules FORWARD").splitlines()
        assert [line for line in left if "netavark" not in line] == before


def test_a_clone_that_nobody_else_may_read_and_a_state_on_another_disk(bancada: Bancada, fresh: Bancada) -> None:
    """`bancada` has seen to it that there is an image."""
    clone = fresh.folder / "a clone"
    subprocess.run(["sh", "-euc", 'umask 077; git clone --quiet "$1" "$2"', "sh", ROOT, clone], check=True)
    (clone / ".venv").symlink_to(ROOT / ".venv")
    assert (clone / "exercises").stat().st_mode & 0o077 == 0
    fresh.state.mkdir()
    subprocess.run([*AS_ROOT, "mount", "-t", "tmpfs", "-o", f"uid={os.getuid()}", "disk", fresh.state], check=True)
    fresh.within = ["sh", "-c", 'umask 077; exec "$@"', "sh", "env", f"--chdir={clone}"]
    try:
        with fresh.standing():
            done = fresh("up", "seat-01")
            assert done.returncode == 0, done.stderr
            assert "Nothing changed" in fresh("up", "seat-01").stdout
            task = fresh("ssh", "seat-01", f"cat exercises/{EXERCISE}/*.md")
            assert task.returncode == 0 and "# " in task.stdout, task.stderr
            assert fresh("check", "seat-01", "-e", EXERCISE).returncode == 1
            assert fresh("solve", "seat-01", "-e", EXERCISE).returncode == 0
            assert fresh("check", "seat-01", "-e", EXERCISE).returncode == 0
    finally:
        subprocess.run([*AS_ROOT, "umount", fresh.state], check=True)


def test_where_no_mirror_is_reached_it_is_said_in_apt_s_own_words(fresh: Bancada) -> None:
    variables = fresh.inventory / "group_vars" / "all.yml"
    with network(fresh):
        variables.write_text(f"{variables.read_text()}bancada_mirror: http://{OUTSIDE}:9/debian\n")
        done = fresh("up", "seat-01")
    assert done.returncode == 3 and f"Failed to fetch http://{OUTSIDE}:9/debian" in done.stderr, done.stderr
    assert "next:  see that this computer reaches the mirror" in done.stderr


ON_CGROUP_V2 = """
    umount --recursive /sys/fs/cgroup
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    for file in subuid subgid; do mount --bind "$1/$file" "/etc/$file"; done
    shift
    exec "$@"
"""


def test_before_ids_are_added_their_owner_is_asked(fresh: Bancada) -> None:
    """In a mount namespace where the control groups are of version 2, and no ids are dealt out; nothing runs there."""
    files = [fresh.folder / name for name in ("subuid", "subgid")]
    for file in files:
        file.touch()
    fresh.within = [*AS_ROOT, "unshare", "--mount", "--propagation", "private", "sh", "-euc", ON_CGROUP_V2, "sh",
                    str(fresh.folder)]  # fmt: skip
    (fresh.inventory / "group_vars" / "all.yml").write_text(
        (fresh.inventory / "group_vars" / "all.yml").read_text().replace("bancada_trust_students: true\n", "")
    )
    asked = fresh.answer(["up"], "n\n")
    assert "is added to /etc/subuid and /etc/subgid: ids for" in asked.stderr and "Go on? [y/N]" in asked.stderr
    assert asked.returncode == 3 and "--trust-students" in asked.stderr, asked.stderr
    assert [file.read_text() for file in files] == ["", ""]
    nobody = fresh("up")
    assert nobody.returncode == 3 and "Go on?" not in nobody.stderr and "--trust-students" in nobody.stderr
    assert [file.read_text() for file in files] == ["", ""]
    fresh.environment["BANCADA_MOMENT"] = "SIGKILL after podman image exists"
    agreed = fresh.answer(["up"], "y\n")
    assert agreed.returncode != 0 and "--trust-students" not in agreed.stderr
    assert all(file.read_text().startswith("containers:") for file in files), agreed.stderr
