"""What tests leave on a computer is told, each thing once; what was there before, or what a container holds, is not."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bancada.prove import leftovers
from bancada.reach import private
from bancada.reach.paths import SOCKETS, ClassState, Project

STORE = "/var/lib/containers/storage"


class Computer:
    """Answers as podman and the kernel do, of what a test says is there."""

    def __init__(self) -> None:
        self.containers: list[dict[str, Any]] = []
        self.networks = ["podman"]
        self.volumes: list[str] = []
        self.images: list[str] = []
        self.mounts = ["/", "/proc", f"{STORE}/overlay"]
        self.namespaces: list[str] = []

    def start(self, name: str, owner: str = "somebody") -> None:
        """A container with all that a running one has."""
        folder = f"{STORE}/overlay-containers/{name}-id"
        made = {
            "Id": f"{name}-id", "Name": name, "StaticDir": f"{folder}/userdata",
            "Config": {"Labels": {"bancada.owner": owner}},
            "NetworkSettings": {"SandboxKey": f"/run/netns/netns-{name}"},
            "GraphDriver": {"Data": {"MergedDir": f"{STORE}/overlay/{name}/merged"}},
            "Mounts": [
                {"Type": "volume", "Name": f"{name}-docker", "Source": f"{STORE}/volumes/{name}-docker/_data"},
                {"Type": "bind", "Source": "/srv"},
            ],
        }  # fmt: skip
        self.containers.append(made)
        self.volumes.append(f"{name}-docker")
        self.mounts += [f"{STORE}/overlay/{name}/merged", f"{folder}/userdata/shm"]
        self.namespaces.append(f"netns-{name}")

    def ask(self, argv: Sequence[str]) -> str:

        def line(place: str) -> str:
            return "1 1 0:1 / " + place.replace(" ", "\\040") + " rw - ext4 /dev/vda rw"

        answers: dict[tuple[str, ...], Callable[[], str]] = {
            ("podman", "ps"): lambda: "\n".join(container["Id"] for container in self.containers),
            ("podman", "container"): lambda: json.dumps([c for c in self.containers if c["Id"] in argv]),
            ("podman", "info"): lambda: f"{STORE}\n",
            ("podman", "network"): lambda: "\n".join(self.networks),
            ("podman", "volume"): lambda: "\n".join(self.volumes),
            ("podman", "images"): lambda: "\n".join(self.images),
            ("cat", leftovers.MOUNTED): lambda: "\n".join(map(line, self.mounts)),
            ("sh", "-c"): lambda: "\n".join(self.namespaces),
        }
        return answers[argv[0], argv[1]]()


@pytest.fixture
def computer() -> Computer:
    return Computer()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Whose folders for sockets lie in a folder of the test's own."""
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(private, "_parents", lambda: iter([tmp_path / "run"]))
    return Project(tmp_path, tmp_path / "state")


def new(project: Project, computer: Computer, change: Callable[[], object]) -> set[str]:
    before = leftovers.look(project, computer.ask)
    change()
    return set(leftovers.look(project, computer.ask) - before)


def test_nothing_is_left_where_all_is_as_before(project: Project, computer: Computer) -> None:
    computer.start("bancada-t1-seat-01")
    assert new(project, computer, lambda: None) == set()
    assert new(project, computer, computer.mounts.clear) == set(), "what is gone was not left"


def test_a_container_is_told_once_with_all_that_belongs_to_it(project: Project, computer: Computer) -> None:
    left = new(project, computer, lambda: computer.start("bancada-t1-seat-01"))
    assert left == {"container bancada-t1-seat-01"}


def test_what_a_container_leaves_behind_is_told_by_itself(project: Project, computer: Computer) -> None:
    def come_and_half_go() -> None:
        computer.start("gone")
        computer.containers.clear()

    assert new(project, computer, come_and_half_go) == {
        "volume gone-docker",
        f"mount {STORE}/overlay/gone/merged",
        f"mount {STORE}/overlay-containers/gone-id/userdata/shm",
        "network namespace netns-gone",
    }


@pytest.mark.parametrize(
    ("kind", "thing", "told"),
    [
        ("networks", "mine", "network mine"),
        ("volumes", "0123abcd", "volume 0123abcd"),
        ("images", "4567ef", "image 4567ef, which has no name"),
        ("namespaces", "bancada-e2e-12", "network namespace bancada-e2e-12"),
        ("mounts", f"{STORE}/overlay/f00/merged", f"mount {STORE}/overlay/f00/merged"),
        ("mounts", "{state}/full disk", "mount {state}/full disk"),
        ("mounts", "{tmp}/pytest-of-root/x", "mount {tmp}/pytest-of-root/x"),
        ("mounts", "/media/stick", ""),
        ("mounts", "{state}-of-another", ""),
    ],
)
def test_each_kind_of_thing_is_told(
    project: Project, computer: Computer, monkeypatch: pytest.MonkeyPatch, kind: str, thing: str, told: str
) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "/tmp-of-this")
    places = {"state": str(project.state), "tmp": "/tmp-of-this"}
    thing, told = thing.format(**places), told.format(**places)
    assert new(project, computer, lambda: getattr(computer, kind).append(thing)) == ({told} if told else set())


def test_the_mount_that_podman_makes_once_and_for_all_is_not_left(project: Project, computer: Computer) -> None:
    computer.mounts.remove(f"{STORE}/overlay")
    assert new(project, computer, lambda: computer.mounts.append(f"{STORE}/overlay")) == set()


def test_a_class_of_the_persons_own_may_come_up_meanwhile(project: Project, computer: Computer, tmp_path: Path) -> None:
    def up() -> None:
        folder = project.state / "classes" / "turma"
        folder.mkdir(parents=True)
        (folder / "owner").write_text("mine\n")
        computer.start("bancada-turma-seat-01", owner="mine")
        (tmp_path / "run" / ClassState(folder).sockets_name).mkdir(mode=0o700)
        computer.start("bancada-other-seat-01", owner="theirs")

    assert new(project, computer, up) == {"container bancada-other-seat-01"}


def test_a_folder_for_sockets_is_told(project: Project, computer: Computer, tmp_path: Path) -> None:
    folder = tmp_path / "run" / f"{SOCKETS}0123456789"
    assert new(project, computer, lambda: folder.mkdir(mode=0o700)) == {f"folder for sockets {folder}"}


def process(proc: Path, number: int, environment: str, words: str) -> None:
    (proc / str(number)).mkdir(parents=True)
    (proc / str(number) / "environ").write_bytes(environment.replace(" ", "\0").encode())
    (proc / str(number) / "cmdline").write_bytes(words.replace(" ", "\0").encode())


def test_a_process_is_told_by_what_its_starter_gave_it(tmp_path: Path) -> None:
    process(tmp_path, 11, "A=1 MARK=/here B=2", "ssh -F config seat-01")
    process(tmp_path, 12, "A=1 MARK=/here/too", "ssh of another run")
    process(tmp_path, 13, "MARK=/here", "")  # it has ended, and nobody has asked how
    process(tmp_path, os.getpid(), "MARK=/here", "this very one")
    (tmp_path / "14").mkdir()  # it has ended while it was looked at
    assert leftovers.processes("MARK=/here", tmp_path) == {"process 11: ssh -F config seat-01"}


def test_a_process_has_a_while_to_end_and_is_told_of_meanwhile(tmp_path: Path) -> None:
    process(tmp_path, 11, "MARK=1", "ssh")
    told: list[str] = []
    left = leftovers.ended("MARK=1", tell=told.append, patience=0.3, proc=tmp_path)
    assert left == {"process 11: ssh"} and told == ["waiting for what tests started to end: process 11: ssh"]
    told.clear()
    (tmp_path / "11" / "environ").unlink()
    assert leftovers.ended("MARK=1", tell=told.append, patience=60, proc=tmp_path) == frozenset() and not told
