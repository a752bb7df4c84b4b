"""What Podman says of a container, and what that means for its seat."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from bancada.inventory import Class, Seat, SeatVariables
from bancada.providers import MachineState
from bancada.providers.podman import firewall, subids
from bancada.providers.podman import provider as podman
from bancada.providers.podman.provider import CUSTOMIZE, _state
from bancada.reach import host
from bancada.reach.paths import ClassState
from bancada.reach.run import CommandFailed, Completed
from bancada.words.errors import BenchError
from bancada.words.i18n import Language

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
    sysfs = (tmp_path / "etc/systemd/system/local-fs.target.wants/run-sysfs.mount").read_text()
    assert "\nWhere=/run/sysfs\n" in sysfs


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
        if bare:
            podman.Podman(cls).create_bare(seat, "image", "key", tmp_path)
        else:
            podman.Podman(cls).create(seat, "image", "key")
    assert words[:3] == ["--runtime", "crun", "create"]  # also where the computer's others run under runc
    assert ("--userns=auto:size=65536" in words) is has_own
    assert any(word.startswith("--userns") for word in words) is has_own
    assert ("--cap-add=ALL" in words) is has_own
    volumes = [words[n + 1] for n, word in enumerate(words) if word == "--volume"]
    assert volumes == ["/var/lib/docker", f"{tmp_path}:/var/cache/apt/archives" if bare else "/home/student/exercises"]


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


def a_podman(tmp_path: Path, seats: int, monkeypatch: pytest.MonkeyPatch) -> podman.Podman:
    """Of a class on a computer of cgroup version 2."""
    names = [f"seat-{n:02}" for n in range(1, seats + 1)]
    variables = SeatVariables.model_validate({"bancada_class": "c"})
    cls = Class(
        "c",
        "",
        Language.EN,
        tuple(Seat(name, variables, {}) for name in names),
        tmp_path,
        ClassState(tmp_path / "classes" / "c"),
    )
    cls.state.folder.mkdir(parents=True)
    monkeypatch.setattr(podman.Podman, "_owner", lambda _: "ours")
    monkeypatch.setattr(podman, "is_cgroup_v2", lambda: True)
    return podman.Podman(cls)


def test_seats_are_made_of_a_system_that_was_customized_for_containers() -> None:
    """On a stock computer nobody can enter one that was not: its kernel has audit."""
    assert any(f"sh {CUSTOMIZE}" in option for option in podman.Podman.base.options)
    assert CUSTOMIZE.read_text() in podman.Podman.base.made_of


def test_ids_are_asked_for_as_many_seats_as_there_will_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the class, some to spare, and those that other classes' or anybody's containers may have."""
    provider = a_podman(tmp_path, 30, monkeypatch)
    listing = [
        {"Names": ["bancada-other-seat-01"], "Labels": {podman.OWNER: "another", podman.SEAT: "seat-01"}},
        {"Names": ["bancada-c-2-seat-01"], "Labels": {podman.OWNER: "third", podman.SEAT: "seat-01"}},
        {"Names": [provider._container("seat-01")], "Labels": {podman.OWNER: "ours", podman.SEAT: "seat-01"}},
        {"Names": ["postgres"], "Labels": None},
    ]
    monkeypatch.setattr(podman, "_listing", lambda: listing)
    monkeypatch.setattr(subids, "SUBUID", tmp_path / "subuid")
    monkeypatch.setattr(subids, "SUBGID", tmp_path / "subgid")
    (change,) = provider.changes()
    assert f"containers:{16 * 65536}:{50 * 65536} is added" in change.says and "ids for 50 seats" in change.says
    for file in (subids.SUBUID, subids.SUBGID):
        file.write_text(f"containers:1048576:{50 * 65536}\n")
    assert not provider.changes()


def test_ids_are_noted_before_they_are_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is killed in between has noted what is not there, and not added what nobody can take away."""
    provider = a_podman(tmp_path, 1, monkeypatch)
    monkeypatch.setattr(podman, "_listing", list)
    monkeypatch.setattr(subids, "SUBUID", tmp_path / "subuid")
    monkeypatch.setattr(subids, "SUBGID", tmp_path / "subgid")
    noted: list[list[str]] = []

    def add(wanted: subids.Range) -> None:
        noted.append(provider._added.read_text().splitlines())

    monkeypatch.setattr(subids, "add", add)
    for _ in range(2):  # the second time after somebody took the line away
        (change,) = provider.changes()
        change.make()
    assert noted == [[f"containers:{16 * 65536}:{18 * 65536}"]] * 2


@pytest.mark.parametrize("words", ["could not find enough available IDs", "not enough unused IDs in user namespace"])
def test_that_no_ids_are_left_is_said(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of Podman 4.3 and of 5.4, as each said them."""
    provider = a_podman(tmp_path, 1, monkeypatch)
    said = f"Error: creating container storage: {words}\n"

    def refused(*words: str, **_: Any) -> Completed:
        raise CommandFailed(Completed(words, 125, "", said), said)

    monkeypatch.setattr(podman, "_podman", refused)
    monkeypatch.setattr(subids, "seats_that_fit", lambda: 1)
    with pytest.raises(BenchError, match="No ids are left for a user namespace of seat-01's own") as error:
        provider.create(provider.cls.seats[0], "image", "key")
    assert "./bancada --yes up seat-01" in error.value.next
    said = "Error: something else\n"
    with pytest.raises(CommandFailed, match="something else"):
        provider.create(provider.cls.seats[0], "image", "key")


def test_another_class_whose_name_goes_on_has_no_seats_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = a_podman(tmp_path, 2, monkeypatch)

    def entry(name: str, owner: str, seat: str) -> dict[str, Any]:
        labels = {podman.OWNER: owner, podman.SEAT: seat}
        return {"Names": [name], "Id": name, "Labels": labels, "State": "exited", "StartedAt": 1, "Image": "x"}

    names = {"seat-01": "ours", "seat-02": "theirs", "2-seat-01": "theirs", "gone-09": "ours", "own--builder": "theirs"}
    listing = [entry(provider._container(name), owner, name) for name, owner in names.items()]
    monkeypatch.setattr(podman, "_listing", lambda: listing)
    foreign = {name: machine.state is MachineState.FOREIGN for name, machine in provider.machines().items()}
    assert foreign == {"seat-01": False, "seat-02": True, "gone-09": False, "own--builder": True}


def test_a_seat_that_was_made_without_a_user_namespace_stays_root_of_this_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when there are ids by now, which only the next seats have."""
    provider = a_podman(tmp_path, 4, monkeypatch)
    modes = {"seat-01": " own", "seat-02": "", "seat-03": ""}
    listing = [
        {"Names": [provider._container(seat)], "Id": f"id-of-{seat}", "Image": "x", "State": "exited", "StartedAt": 1,
         "Labels": {podman.OWNER: "theirs" if seat == "seat-03" else "ours", podman.SEAT: seat}}
        for seat in modes
    ]  # fmt: skip
    monkeypatch.setattr(podman, "_listing", lambda: listing)
    monkeypatch.setattr(subids, "seats_that_fit", lambda: 21)

    def inspect(*words: str, **_: Any) -> Completed:
        said = "".join(f"{id}{modes[id.removeprefix('id-of-')]}\n" for id in words if id.startswith("id-of-"))
        return Completed(words, 0, said, "")

    monkeypatch.setattr(podman, "_podman", inspect)
    assert provider.shared_root() is provider.shared_root(["seat-01", "seat-03", "seat-04"]) is None
    lack = provider.shared_root(["seat-01", "seat-02", "seat-03", "seat-04"])
    assert lack and lack.what == "these were made without a user namespace: seat-02"
    assert lack.mend.startswith("./bancada restore seat-02,")


def test_a_seat_is_made_and_started_without_a_look_at_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = a_podman(tmp_path, 2, monkeypatch)
    listing: list[dict[str, Any]] = []
    monkeypatch.setattr(podman, "_listing", lambda: listing)
    monkeypatch.setattr(podman.Podman, "_put_identity", lambda *_: None)
    monkeypatch.setattr(subids, "seats_that_fit", lambda: 21)
    asked: list[str] = []

    def said(*words: str, **_: Any) -> Completed:
        asked.append(words[2] if words[0] == "--runtime" else words[0])
        return Completed(words, 0, {"create": "0a1b\n", "port": "127.0.0.1:40123\n"}.get(asked[-1], ""), "")

    monkeypatch.setattr(podman, "_podman", said)
    made = provider.create(provider.cls.seats[0], "seat:x", "key")
    assert asked == ["create", "start", "port"]
    assert made.address and (made.address.host, made.address.port) == ("127.0.0.1", 40123)
    # as Podman lists it: with the same host key, and a name and an image that are found again
    labels = {podman.OWNER: "ours", podman.SEAT: "seat-01", podman.HOST_KEY: made.address.host_key}
    listing.append(
        {"Names": [provider._container("seat-01")], "Id": "0a1b", "Image": f"{podman.IMAGES}/seat:x", "StartedAt": 1,
         "State": "running", "Labels": labels, "Ports": [{"container_port": 22, "host_port": 40123}]}
    )  # fmt: skip
    assert provider.machines() == {"seat-01": made}
    listing[0]["State"] = "exited"
    (stopped,) = provider.machines().values()
    assert provider.start(stopped) == provider.restart(made) == made
    assert asked[3:] == ["start", "restart"]
