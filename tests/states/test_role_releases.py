"""Role releases: two Debian releases on one seat, made of their packages, as folders for chroot and as images."""

from __future__ import annotations

import re
from typing import Any

import pytest

VERSIONS = {"bookworm": ("12", "1.35"), "trixie": ("13", "1.37")}  # of Debian, of busybox
LIBRARY = "/usr/lib/bancada"
every_release = pytest.mark.parametrize("release", VERSIONS)


def as_student(host: Any, command: str) -> str:
    with host.sudo("student"):
        return str(host.check_output(command))


def busybox_version(said: str) -> str:
    found = re.match(r"BusyBox v(\d+\.\d+)", said)
    assert found, said
    return found[1]


@every_release
def test_root_is_of_its_release(host: Any, release: str) -> None:
    root = f"{LIBRARY}/releases/{release}"
    assert f"VERSION_CODENAME={release}\n" in host.file(f"{root}/usr/lib/os-release").content_string
    assert host.check_output(f"chroot {root} /bin/cat /etc/debian_version").split(".")[0] == VERSIONS[release][0]
    assert host.check_output(f"chroot {root} /bin/sed -n s/VERSION_CODENAME=//p /etc/os-release") == release


@every_release
def test_student_uses_the_root_with_its_own_busybox(host: Any, release: str) -> None:
    said = as_student(host, f"sudo -n chroot {LIBRARY}/releases/{release} /bin/sh -c 'busybox; id -un; ls -d /proc'")
    assert busybox_version(said) == VERSIONS[release][1]
    assert said.splitlines()[-2:] == ["root", "/proc"]


@every_release
def test_httpd_of_the_release_runs_on_the_seat_itself(host: Any, release: str) -> None:
    said = host.run(f"{LIBRARY}/releases/{release}/bin/busybox httpd --help").stderr
    assert busybox_version(said) == VERSIONS[release][1]


@every_release
def test_nobody_but_root_owns_or_writes_the_root(host: Any, release: str) -> None:
    root = f"{LIBRARY}/releases/{release}"
    assert host.check_output(f"find {root} ! -user root -o ! -group root") == ""
    found = host.check_output(f"find {root} ! -type l -perm -o=w ! -perm -1000")
    assert found == ""


@every_release
def test_archive_holds_what_the_root_holds(host: Any, release: str) -> None:
    root = f"{LIBRARY}/releases/{release}"
    archive = f"{LIBRARY}/images/debian-{release}.tar"
    compared = host.run(f"tar --compare --file {archive} --directory {root}")
    assert compared.rc == 0, compared.stdout + compared.stderr
    with host.sudo():
        assert host.check_output(f"cd {root} && find . | wc -l") == host.check_output(f"tar -tf {archive} | wc -l")


@every_release
def test_container_of_the_release_has_the_kernel_of_the_seat(host: Any, release: str) -> None:
    said = as_student(
        host,
        f"docker run --rm --network none debian-{release}:local sh -c 'busybox; cat /etc/os-release; uname -r'",
    )
    assert busybox_version(said) == VERSIONS[release][1]
    assert f"VERSION_CODENAME={release}" in said.splitlines()
    assert said.splitlines()[-1] == host.check_output("uname -r")


def test_apt_of_the_seat_does_not_know_the_other_release(host: Any) -> None:
    (other,) = VERSIONS.keys() - {host.system_info.codename}
    # The archive's keys, which have the releases' names, are on every machine.
    assert host.run(f"grep -rl {other} /etc/apt --exclude-dir=trusted.gpg.d").stdout == ""
    assert f"_{other}" not in host.check_output("ls /var/lib/apt/lists")
    assert other not in host.check_output("apt-cache policy")


def test_nothing_is_made_or_downloaded_again(host: Any) -> None:
    images = f"{LIBRARY}/images"
    before = host.check_output(f"stat -c '%n %i %Y' {images}/*.tar {LIBRARY}/releases/*")
    with host.sudo():
        for release in VERSIONS:
            # Where there is no network at all.
            assert host.check_output(f"unshare --net {LIBRARY}/make-release {release}") == ""
    assert host.check_output(f"stat -c '%n %i %Y' {images}/*.tar {LIBRARY}/releases/*") == before
