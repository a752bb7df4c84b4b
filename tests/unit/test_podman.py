"""What Podman says of a container, and what that means for its seat."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bancada.providers import MachineState
from bancada.providers.podman import CUSTOMIZE, _state

NEVER = -62135596800
"""The year 1, as Podman tells a moment that never was."""


@pytest.mark.parametrize(
    ("said", "started", "means"),
    [
        ("running", 1795643756, MachineState.RUNNING),
        ("paused", 1795643756, MachineState.PAUSED),
        ("exited", 1795643756, MachineState.STOPPED),
        ("created", 1795643756, MachineState.STOPPED),  # of every container, once the computer was rebooted
        ("created", NEVER, MachineState.HALF_MADE),
        ("initialized", NEVER, MachineState.HALF_MADE),
        ("removing", 1795643756, MachineState.HALF_MADE),
    ],
)
def test_only_what_never_started_is_half_made(said: str, started: int, means: MachineState) -> None:
    assert _state({"State": said, "StartedAt": started}) is means


def test_pam_asks_for_no_right_that_a_container_lacks(tmp_path: Path) -> None:
    pam = tmp_path / "etc" / "pam.d"
    for folder in (pam, tmp_path / "usr" / "lib" / "pam.d", tmp_path / "etc" / "systemd" / "system"):
        folder.mkdir(parents=True)
    (pam / "sshd").write_text("account  required     pam_nologin.so\nsession    required     pam_loginuid.so\n")
    subprocess.run(["sh", str(CUSTOMIZE), str(tmp_path)], check=True)
    assert (pam / "sshd").read_text() == (
        "account  required     pam_nologin.so\nsession    optional     pam_loginuid.so\n"
    )
    assert (tmp_path / "etc/systemd/system/sys-kernel-debug.mount").readlink() == Path("/dev/null")
    assert (tmp_path / "etc/systemd/system/local-fs.target.wants/run-sysfs.mount").exists()
