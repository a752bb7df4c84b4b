"""The ready state: what must be true of a seat before a student sits down. Run by `bancada up` and by the proof."""

from __future__ import annotations

import os
import shlex
from typing import Any


def test_systemd_runs_with_no_failed_unit(host: Any) -> None:
    seconds = os.environ.get("BANCADA_BOOT_SECONDS", "60")  # a unit that never ends its start is waited for no longer
    state = host.run(f"timeout {seconds} systemctl is-system-running --wait").stdout.strip()
    failed = host.run("systemctl list-units --failed --plain --no-legend").stdout.split()
    assert state == "running", f"systemd is {state}; failed units: {failed[:1]}"


def test_sshd_admits_by_key_only(host: Any) -> None:
    settings = host.run("sshd -T").stdout
    assert "passwordauthentication no" in settings, "sshd admits passwords"
    assert "kbdinteractiveauthentication no" in settings, "sshd admits typed answers"


def test_docker_waits_for_its_first_caller(host: Any) -> None:
    assert host.run("systemctl is-active docker.socket").stdout.strip() == "active", "docker.socket is not active"
    assert host.run("systemctl is-enabled docker.service").stdout.strip() != "enabled", "Docker starts at boot"


def test_student_runs_a_container_whose_memory_the_kernel_limits(host: Any) -> None:
    v1, v2 = "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max"
    command = f"docker run --rm --memory 32m busybox:local sh -c 'cat {v2} 2>/dev/null || cat {v1}'"
    done = host.run(f"su - student -c {shlex.quote(command)}")
    assert done.rc == 0, f"docker run failed: {done.stderr.strip()}"
    assert done.stdout.strip() == str(32 * 2**20), f"the kernel's limit is {done.stdout.strip()}, not 32 MiB"


def test_home_belongs_to_the_student(host: Any) -> None:
    home = host.file("/home/student")
    assert home.user == "student", f"/home/student belongs to {home.user}"
    assert host.file("/home/student/.profile").exists, "/home/student was not filled from /etc/skel"


def test_unprivileged_user_namespaces_are_allowed(host: Any) -> None:
    done = host.run("su - student -c 'unshare --user --map-root-user id -u'")
    assert done.stdout.strip() == "0", f"a student cannot make a user namespace: {done.stderr.strip()}"
