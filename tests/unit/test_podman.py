"""What Podman says of a container, and what that means for its seat."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from bancada import host
from bancada.i18n import Language
from bancada.inventory import Class, Seat, SeatVariables
from bancada.paths import ClassState
from bancada.providers import MachineState, firewall, podman, subids
from bancada.providers.podman import CUSTOMIZE, _state
from bancada.run import Completed

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


@pytest.mark.parametrize(("virtual", "times"), [("qemu", host.EMULATED), ("kvm", 1.0), ("none", 1.0)])
def test_seats_of_a_computer_that_is_emulated_itself_have_more_time(
    virtual: str, times: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "systemd-detect-virt"
    program.write_text(f"#!/bin/sh\n[ $1 = --vm ] && echo {virtual}\n[ {virtual} != none ]\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(host, "patience", host.patience.__wrapped__)  # not what was found before, nor kept for others
    cls: Any = None
    assert podman.Podman(cls).patience == times


def test_pam_asks_for_no_right_that_a_container_lacks(tmp_path: Path) -> None:
    pam, more = tmp_path / "etc" / "pam.d", tmp_path / "usr" / "lib" / "pam.d"
    for folder in (pam, more, tmp_path / "etc" / "systemd" / "system"):
        folder.mkdir(parents=True)
    asks, does_not = "session    required     pam_loginuid.so\n", "session    optional     pam_loginuid.so\n"
    for file in (pam / "sshd", pam / "login", more / "systemd-user"):
        file.write_text(f"account  required     pam_nologin.so\n{asks}")
    subprocess.run(["sh", str(CUSTOMIZE), str(tmp_path)], check=True)
    for file in (pam / "sshd", pam / "login", more / "systemd-user"):
        assert file.read_text() == f"account  required     pam_nologin.so\n{does_not}"
    for unit in ("config", "debug", "tracing"):
        assert (tmp_path / f"etc/systemd/system/sys-kernel-{unit}.mount").readlink() == Path("/dev/null")
    assert (tmp_path / "etc/systemd/system/local-fs.target.wants/run-sysfs.mount").exists()


class Found(Exception):
    pass


@pytest.mark.parametrize(
    ("v2", "dealt", "bare", "has_own"),
    [(True, True, False, True), (True, True, True, False), (True, False, False, False), (False, True, False, False)],
)
def test_a_seat_has_a_user_namespace_of_its_own_wherever_it_can(
    v2: bool, dealt: bool, bare: bool, has_own: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With as many ids as accounts of the system need; but not a machine that only our roles come to."""
    words: list[str] = []

    def never_made(*said: str, **_: Any) -> Completed:
        words.extend(said)
        raise Found

    seat = Seat("seat-01", SeatVariables.model_validate({"bancada_class": "c"}), {})
    cls = Class("c", "", Language.EN, (), tmp_path, ClassState(tmp_path / "classes" / "c"))
    cls.state.folder.mkdir(parents=True)
    monkeypatch.setattr(podman.Podman, "_owner", lambda _: "ours")
    monkeypatch.setattr(podman, "_podman", never_made)
    monkeypatch.setattr(podman, "is_cgroup_v2", lambda: v2)
    monkeypatch.setattr(subids, "seats_that_fit", lambda: 3 if dealt else 0)
    with pytest.raises(Found):
        podman.Podman(cls).create(seat, "image", "key", apt_cache=tmp_path if bare else None)
    assert ("--userns=auto:size=65536" in words) is has_own
    assert any(word.startswith("--userns") for word in words) is has_own
    assert ("--cap-add=ALL" in words) is has_own


def test_down_of_the_last_class_tells_how_to_close_the_firewall_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = "-P FORWARD DROP\n-A FORWARD -i wg0 -m comment --comment bancada-vpn -j ACCEPT\n"
    ours = "-A FORWARD -i podman0 -o eth0 -m comment --comment bancada -j ACCEPT\n"
    cls = Class("c", "", Language.EN, (), tmp_path, ClassState(tmp_path / "classes" / "c"))
    monkeypatch.setattr(podman, "_podman", lambda *_: Completed((), 0, "", ""))
    monkeypatch.setattr(firewall, "which", lambda name: f"/usr/sbin/{name}")
    for said, told in ((rules, []), (rules + ours + ours, ["-i podman0", "-i podman0"])):
        monkeypatch.setattr(firewall, "run", lambda *_, said=said, **__: Completed((), 0, said, ""))
        kept = podman.Podman(cls).kept_on_computer()
        assert [what for what, _ in kept] == ["what lets seats through the firewall until the next boot"] * bool(told)
        assert all(undo.count("/usr/sbin/iptables --wait --delete FORWARD -i podman0") == 2 for _, undo in kept)
        assert not any("vpn" in undo for _, undo in kept)
