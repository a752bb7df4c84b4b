"""Role docker moves a seat between sources and versions of Docker, and merges the daemon's options.

The test makes an apt repository of its own on the seat (docker_source/make_repository.sh) and applies the real role
with ansible-playbook, so it needs more than testinfra's connection: BANCADA_SSH_CONFIG is the path of the ssh_config in
which `--hosts=ssh://NAME` is found; Ansible uses the same one. The seat's user has sudo without password, and the
account student exists. Docker is removed and installed several times: only for a seat that nobody works on. At the end
the seat has the distribution's Docker again.

    BANCADA_SSH_CONFIG=FILE pytest --hosts=ssh://NAME --ssh-config=FILE tests/states/test_docker_source.py
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parents[2]
MAKE_REPOSITORY = Path(__file__).parent / "docker_source" / "make_repository.sh"
FOLDER = "/srv/bancada-test-repository"
OLD, NEW = "27.3.1", "27.30.0"
SOURCES = "/etc/apt/sources.list.d/docker-ce.sources"
KEYRING = "/etc/apt/keyrings/docker-ce.asc"
DAEMON_JSON = "/etc/docker/daemon.json"

# Applies the role with these variables; says whether that went well, and what Ansible printed.
Role = Callable[..., tuple[bool, str]]


@pytest.fixture(scope="module")
def role(host: Any, tmp_path_factory: pytest.TempPathFactory) -> Role:
    ssh_config = os.environ.get("BANCADA_SSH_CONFIG")
    if not ssh_config:
        pytest.fail("BANCADA_SSH_CONFIG is not set: it must be the path of the ssh_config that --ssh-config names")
    playbook = tmp_path_factory.mktemp("docker_source") / "playbook.yml"
    playbook.write_text("[{hosts: all, become: true, roles: [docker]}]\n")

    def apply(**variables: object) -> tuple[bool, str]:
        command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", f"{host.backend.get_hostname()},"]
        environment = {
            "ANSIBLE_ROLES_PATH": str(ROOT / "roles"),
            "ANSIBLE_SSH_ARGS": f"-F {ssh_config}",
            "ANSIBLE_PIPELINING": "1",
        }
        done = subprocess.run(
            [*command, "-e", json.dumps(variables), str(playbook)],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        return done.returncode == 0, done.stdout + done.stderr

    return apply


@pytest.fixture(scope="module")
def docker_ce(host: Any, role: Role) -> Iterator[dict[str, object]]:
    """The role's variables for the test's repository. Before and after, the seat has the distribution's Docker."""
    assert_done(role())
    with host.sudo():
        host.check_output("apt-get install -qq --no-install-recommends gpg gpg-agent")
        suite = host.system_info.codename
        made = host.run("bash -c %s make_repository %s %s", MAKE_REPOSITORY.read_text(), FOLDER, suite)
        assert made.rc == 0, made.stderr
    yield {
        "docker_source": "docker-ce",
        "docker_ce_repository_url": f"file:{FOLDER}",
        "docker_ce_key_url": f"file://{FOLDER}/key.asc",
        "docker_ce_key_fingerprint": made.stdout.strip(),
    }
    with host.sudo():
        host.check_output(f"rm -rf {FOLDER}")
    assert_done(role())


@pytest.fixture
def daemon_json(host: Any) -> Iterator[Callable[[str], None]]:
    """Writes the daemon's options; afterwards they are what they were."""
    with host.sudo():
        before = host.file(DAEMON_JSON).content_string if host.file(DAEMON_JSON).exists else None

        def write(text: str) -> None:
            host.check_output(f"printf %s > {DAEMON_JSON}", text)

        yield write
        write(before) if before is not None else host.check_output(f"rm -f {DAEMON_JSON}")


def assert_done(outcome: tuple[bool, str], changed: bool | None = None) -> None:
    done, output = outcome
    assert done, output
    if changed is not None:
        assert ("changed=0 " not in output) == changed, output


def refusal(outcome: tuple[bool, str]) -> str:
    """What the role says where it refuses, on one line whatever the terminal's width."""
    done, output = outcome
    assert not done, output
    found = re.search(r"Action failed: (.*)", output)
    assert found, output
    return found[1]


def version(host: Any, package: str) -> str:
    """The upstream version of an installed package; empty where it is not installed."""
    shown = host.run("dpkg-query -W -f '${db:Status-Status} ${Version}' %s", package).stdout
    found = re.fullmatch(r"installed (?:\d+:)?([^-]+).*", shown)
    return found[1] if found else ""


def held(host: Any) -> set[str]:
    return set(host.check_output("apt-mark showhold").split())


@pytest.fixture
def distro(host: Any, role: Role) -> None:
    if not version(host, "docker.io") or host.file(SOURCES).exists or host.file(KEYRING).exists:
        assert_done(role())


@pytest.mark.usefixtures("distro")
@pytest.mark.parametrize("key", ["other.asc", "both.asc"])
def test_key_that_is_not_the_pinned_one_alone_is_refused(
    host: Any, role: Role, docker_ce: dict[str, object], key: str
) -> None:
    said = refusal(role(**docker_ce | {"docker_ce_key_url": f"file://{FOLDER}/{key}"}))
    assert f"not the pinned {docker_ce['docker_ce_key_fingerprint']}" in said
    assert "nothing was installed" in said
    assert not host.file(SOURCES).exists
    assert not host.file(KEYRING).exists
    assert not version(host, "docker-ce")
    assert version(host, "docker.io")


@pytest.mark.usefixtures("distro")
def test_docker_ce_takes_the_place_of_the_distribution(host: Any, role: Role, docker_ce: dict[str, object]) -> None:
    assert_done(role(**docker_ce), changed=True)
    assert version(host, "docker-ce") == version(host, "docker-ce-cli") == NEW
    assert all(version(host, name) for name in ("containerd.io", "docker-buildx-plugin", "docker-compose-plugin"))
    gone = ("docker.io", "docker-cli", "docker-buildx", "docker-compose", "containerd", "runc")
    assert not any(version(host, name) for name in gone)
    assert f"Signed-By: {KEYRING}" in host.file(SOURCES).content_string
    assert host.service("docker.socket").is_running
    assert host.run("systemctl is-enabled docker.service").stdout.strip() == "disabled"
    assert_done(role(**docker_ce), changed=False)


@pytest.mark.usefixtures("distro")
def test_repository_signed_by_another_key_is_refused(host: Any, role: Role, docker_ce: dict[str, object]) -> None:
    with host.sudo():
        shown = host.check_output(f"gpg --batch --with-colons --show-keys {FOLDER}/other.asc")
    other = re.findall(r"^fpr:+(\w+):", shown, re.MULTILINE)[0]
    impostor = {"docker_ce_key_url": f"file://{FOLDER}/other.asc", "docker_ce_key_fingerprint": other}
    done, output = role(**docker_ce | impostor)
    assert not done
    # apt's words for a repository that it has never seen, and for one that it has.
    assert re.search("is not signed|error occurred during the signature verification", output), output
    assert not version(host, "docker-ce")
    assert version(host, "docker.io")


def test_older_version_is_installed_and_held(host: Any, role: Role, docker_ce: dict[str, object]) -> None:
    assert_done(role(**docker_ce))
    older = docker_ce | {"docker_version": "27.3", "docker_hold": True}
    assert_done(role(**older), changed=True)
    assert version(host, "docker-ce") == version(host, "docker-ce-cli") == OLD
    assert {"docker-ce", "docker-ce-cli", "containerd.io", "docker-compose-plugin"} <= held(host)
    assert_done(role(**older), changed=False)
    # Held without a version: it stays. Neither held nor with a version: the newest again.
    assert_done(role(**docker_ce | {"docker_hold": True}), changed=False)
    assert_done(role(**docker_ce), changed=True)
    assert version(host, "docker-ce") == NEW
    assert not held(host)


def test_exact_version_is_found_with_its_epoch(host: Any, role: Role, docker_ce: dict[str, object]) -> None:
    exact = f"5:{OLD}-1~debian~{host.system_info.codename}"
    assert_done(role(**docker_ce | {"docker_version": exact}))
    assert version(host, "docker-ce") == OLD


def test_version_not_on_offer_is_named_with_those_that_are(host: Any, role: Role, docker_ce: dict[str, object]) -> None:
    said = refusal(role(**docker_ce | {"docker_version": "27.4"}))
    assert "docker_version 27.4 is not on offer from docker_source docker-ce" in said
    assert f"5:{NEW}-1" in said
    assert f"5:{OLD}-1" in said


def test_way_back_to_the_distribution_works_from_a_held_docker_ce(
    host: Any, role: Role, docker_ce: dict[str, object]
) -> None:
    assert_done(role(**docker_ce | {"docker_hold": True}))
    assert_done(role(), changed=True)
    gone = ("docker-ce", "docker-ce-cli", "containerd.io", "docker-buildx-plugin", "docker-compose-plugin")
    assert not any(version(host, name) for name in gone)
    assert version(host, "docker-compose")
    assert not host.file(SOURCES).exists
    assert not host.file(KEYRING).exists
    with host.sudo("student"):
        ran = host.run("docker run --rm busybox:local uname -r")
    assert ran.stdout == host.check_output("uname -r") + "\n", ran.stderr
    assert_done(role(), changed=False)


def test_daemon_options_are_merged_into_those_there(host: Any, role: Role, daemon_json: Callable[[str], None]) -> None:
    daemon_json('{"log-level": "warn", "log-opts": {"max-file": "2", "max-size": "1m"}}')
    options = {"docker_daemon_options": {"log-opts": {"max-size": "5m"}, "ipv6": False}}
    assert_done(role(**options), changed=True)
    there = json.loads(host.file(DAEMON_JSON).content_string)
    assert there == {"log-level": "warn", "log-opts": {"max-file": "2", "max-size": "5m"}, "ipv6": False}
    assert_done(role(**options), changed=False)


@pytest.mark.parametrize("text", ['{"log-level": "warn",}', "[]"])
def test_daemon_options_that_are_no_json_object_are_left_untouched(
    host: Any, role: Role, daemon_json: Callable[[str], None], text: str
) -> None:
    daemon_json(text)
    said = refusal(role(docker_daemon_options={"ipv6": False}))
    assert "/etc/docker/daemon.json on this seat is not a JSON object" in said
    assert host.file(DAEMON_JSON).content_string == text
