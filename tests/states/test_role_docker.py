"""Role docker, on a seat prepared with its defaults: Docker wakes up on demand, and the kernel enforces its limits.

The tests marked slow stop Docker and empty /var/lib/docker: they are for a seat that nobody works on.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

IMAGE = "busybox:local"
MEMORY = 32 * 1024 * 1024
# Wants four times MEMORY, and ends well where nobody stops it.
GREEDY = """awk 'BEGIN { s = "x"; while (length(s) < 134217728) s = s s }'"""

Student = Callable[[str], Any]


@pytest.fixture
def student(host: Any) -> Student:
    """Runs a command as the student and says how it ended."""

    def run(command: str) -> Any:
        with host.sudo("student"):
            return host.run(command)

    return run


@pytest.fixture
def asleep(host: Any) -> None:
    """Docker as it is on a seat just made: nothing runs, and /var/lib/docker is empty."""
    with host.sudo():
        host.check_output("systemctl stop docker.service containerd.service")
        host.check_output("find /var/lib/docker -mindepth 1 -delete")
        # systemd refuses the fourth start of Docker within a minute, and these tests start it more often.
        host.check_output("systemctl reset-failed docker.service docker.socket")
        host.check_output("systemctl start docker.socket")


def test_socket_is_open_now_and_after_a_boot(host: Any) -> None:
    socket = host.service("docker.socket")
    assert socket.is_enabled
    assert socket.is_running


@pytest.mark.parametrize("unit", ["docker.service", "containerd.service"])
def test_daemon_does_not_start_with_the_seat(host: Any, unit: str) -> None:
    assert host.run(f"systemctl is-enabled {unit}").stdout.strip() == "disabled"


def test_waking_docker_wakes_containerd(host: Any) -> None:
    wanted = host.check_output("systemctl show -p Wants -p Requires --value docker.service").split()
    assert "containerd.service" in wanted


def test_student_is_in_group_docker(host: Any) -> None:
    assert "docker" in host.user("student").groups


def test_container_has_the_kernel_of_the_seat(host: Any, student: Student) -> None:
    ran = student(f"docker run --rm {IMAGE} uname -r")
    assert ran.rc == 0, ran.stderr
    assert ran.stdout == host.run("uname -r").stdout


def test_container_is_made_of_the_local_image_alone(student: Student) -> None:
    ran = student(f"docker run --rm --network none {IMAGE} sh -c 'readlink /bin/ls; stat -c %a /tmp'")
    assert ran.rc == 0, ran.stderr
    assert ran.stdout.split() == ["busybox", "1777"]


def test_storage_driver_is_overlay2(student: Student) -> None:
    assert student("docker info --format '{{.Driver}}'").stdout.strip() == "overlay2"


def test_kernel_has_the_memory_limit(student: Student) -> None:
    files = "/sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes"  # cgroup v2, v1
    ran = student(f"docker run --rm --memory 32m {IMAGE} sh -c 'cat {files} 2>/dev/null'")
    assert ran.stdout.split() == [str(MEMORY)]


def test_process_over_its_containers_memory_limit_is_killed(student: Student) -> None:
    """Looked at from inside, by a shell that outlives it: the kernel counts the kill before anybody can see it.

    What Docker tells of it, OOMKilled, comes by an event that a busy computer may bring after the end, or never.
    """
    counts = "/sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control"  # cgroup v2, v1
    script = shlex.quote(f"{GREEDY}; echo ended with $?; cat {counts} 2>/dev/null")
    ran = student(f"docker run --rm --memory 32m --memory-swap 32m {IMAGE} sh -c {script}")
    assert "ended with 137" in ran.stdout, f"{ran.rc} {ran.stdout} {ran.stderr}"
    assert "oom_kill 1" in ran.stdout.splitlines(), ran.stdout


def test_the_same_container_within_its_limit_ends_well(student: Student) -> None:
    ran = student(f"docker run --rm --memory 512m {IMAGE} {GREEDY}")
    assert ran.rc == 0, f"{ran.rc} {ran.stderr}"


@pytest.fixture
def project(host: Any, student: Student) -> Iterator[str]:
    """A folder of the student's, which its name makes the project of compose and the image's name too."""
    folder = f"/tmp/bancada-{time.time_ns()}"
    assert student(f"mkdir {folder}").rc == 0
    yield folder
    student(f"cd {folder} && docker-compose down --remove-orphans; docker image rm --force {Path(folder).name}:local")
    with host.sudo():
        host.check_output(f"rm -rf {folder}")


@pytest.mark.parametrize("builder", ["the seat's own", "old"])
def test_image_is_built_on_a_local_one_by_running_a_command(student: Student, project: str, builder: str) -> None:
    image = f"{Path(project).name}:local"
    dockerfile = f"FROM {IMAGE}\\nRUN uname -r > /built-on\\nCMD cat /built-on\\n"
    assert student(f"printf '{dockerfile}' > {project}/Dockerfile").rc == 0
    choice = "DOCKER_BUILDKIT=0 " if builder == "old" else ""
    built = student(f"{choice}docker build --tag {image} {project}")
    assert built.rc == 0, built.stderr
    assert student(f"docker run --rm {image}").stdout == student("uname -r").stdout
    layers = student(f"docker history --no-trunc --format '{{{{.CreatedBy}}}}' {image}").stdout
    assert "uname -r > /built-on" in layers


def test_builder_is_buildkit_where_the_release_has_it(host: Any, student: Student) -> None:
    has_it = host.package("docker-buildx").is_installed or host.package("docker-buildx-plugin").is_installed
    assert has_it == (host.system_info.codename != "bookworm")
    assert (student("docker buildx version").rc == 0) == has_it


def test_compose_brings_a_service_up_and_takes_it_down(student: Student, project: str) -> None:
    service = f"{{services: {{web: {{image: '{IMAGE}', command: httpd -f, init: true}}}}}}"
    assert student(f'echo "{service}" > {project}/docker-compose.yml').rc == 0
    ours = f"docker ps --all --quiet --filter label=com.docker.compose.project={Path(project).name}"
    up = student(f"cd {project} && docker-compose up -d")
    assert up.rc == 0, up.stderr
    assert len(student(ours).stdout.split()) == 1
    ask = "until wget -q -O - http://127.0.0.1/etc/group; do sleep 0.1; done"
    answer = student(f"cd {project} && docker-compose exec -T web timeout 20 sh -c '{ask}'")
    assert answer.stdout.startswith("root:x:0:"), answer.stderr
    down = student(f"cd {project} && docker-compose down")
    assert down.rc == 0, down.stderr
    assert student(ours).stdout == ""


def test_compose_is_a_command_of_docker_where_it_is_version_2(host: Any, student: Student) -> None:
    assert (student("docker compose version").rc == 0) == (host.system_info.codename != "bookworm")


@pytest.mark.slow
@pytest.mark.usefixtures("asleep")
def test_first_docker_run_of_a_new_seat_wakes_docker_and_finds_the_image(host: Any, student: Student) -> None:
    assert not host.process.filter(comm="dockerd")
    assert not host.process.filter(comm="containerd")
    ran = student(f"docker run --rm {IMAGE} true")
    assert ran.rc == 0, ran.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("asleep")
def test_removed_image_comes_back_when_docker_starts_again(host: Any, student: Student) -> None:
    assert student(f"docker image rm --force {IMAGE}").rc == 0
    with host.sudo():
        host.check_output("systemctl restart docker.service")  # returns when ExecStartPost has ended
    assert student(f"docker image inspect {IMAGE}").rc == 0


@pytest.mark.slow
@pytest.mark.usefixtures("asleep")
def test_docker_starts_without_an_image_that_cannot_be_imported(host: Any, student: Student) -> None:
    tar = "/usr/lib/bancada/images/broken.tar"
    since = host.check_output("date +%s")
    with host.sudo():
        host.check_output(f"echo nonsense > {tar}")
        try:
            assert student("docker version").rc == 0
            journal = host.check_output(f"journalctl --sync; journalctl -u docker.service --since @{since} -o cat")
        finally:
            host.check_output(f"rm {tar}")
    assert "bancada: importing broken:local" in journal
    assert "bancada: broken:local was not imported" in journal
