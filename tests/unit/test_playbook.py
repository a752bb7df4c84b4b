"""What a run of Ansible is believed to have done: what it told, and what a look at the seat shows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template

from bancada.course import Exercise
from bancada.reach.paths import Project
from bancada.reach.run import Completed
from bancada.seats.ansible import playbook
from bancada.seats.ansible.playbook import MATTERS, Played, play
from bancada.seats.bench import Bench
from bancada.words.errors import BenchError

ROOT = Path(__file__).parents[2]
ITEMS = {"exercise_items": [{"name": "a/b"}], "ansible_connection": "local"}
PLAY = """
- hosts: one,two,four
  gather_facts: false
  tasks:
    - name: Ensure something else
      ansible.builtin.assert:
        that: true
    - name: {task}
      ansible.builtin.assert:
        that: true
      when: inventory_hostname != 'two'
"""


def make_project(root: Path, stage: str) -> None:
    for name in ("ansible.cfg", "src/bancada/seats/ansible/callback/bancada_events.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "playbooks").mkdir()
    (root / "playbooks" / "stage.yml").write_text(stage)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Any]:
    """A project whose play skips what matters on `two`, and knows nothing of `three`."""
    root = tmp_path_factory.mktemp("project")
    make_project(root, PLAY.format(task=MATTERS["stage"][0]))
    (root / "hosts.yml").write_text("all: {hosts: {one: , two: , three: , four: }}")
    cls: Any = SimpleNamespace(inventory=root / "hosts.yml", state=SimpleNamespace(ssh_config=root / "none"))
    return Project(root, root), cls


@pytest.fixture(scope="module")
def played(lab: tuple[Project, Any]) -> Played:
    """A real run; `four` had nothing to do."""
    variables = {"one": ITEMS, "two": ITEMS, "three": ITEMS, "four": ITEMS | {"exercise_items": []}}
    return play(*lab, ["stage"], variables, go_on=True)


def test_silence_ends_what_needs_every_seat(lab: tuple[Project, Any]) -> None:
    """Else an image would be kept of a machine on which a role did nothing."""
    with pytest.raises(BenchError, match="On two: Ansible told of no failure, and this was not done"):
        play(*lab, ["stage"], {"two": ITEMS})


def test_silence_of_a_seat_is_its_failure(played: Played) -> None:
    assert set(played.failed) == {"two", "three"}
    for error in played.failed.values():
        assert "was not done" in error.what and MATTERS["stage"][0] in error.where


def test_what_was_done_is_known_by_seat(played: Played) -> None:
    assert played.done["one"] == {"Ensure something else", MATTERS["stage"][0]}


def test_a_run_that_failed_otherwise_is_told_as_that(tmp_path: Path) -> None:
    cls: Any = SimpleNamespace(inventory=tmp_path / "none", state=SimpleNamespace(ssh_config=tmp_path / "none"))
    with pytest.raises(BenchError, match="Ansible failed"):
        play(Project(tmp_path, tmp_path), cls, ["stage"], {"one": ITEMS})


@pytest.mark.parametrize("playbook", MATTERS)
def test_what_matters_is_a_task_of_what_the_playbook_runs(playbook: str) -> None:
    roles = {"prepare": ("kernel", "student", "docker"), "personal": ("student",)}.get(playbook, ("exercise",))
    names = {
        task["name"]
        for role in roles
        for file in (ROOT / "roles" / role / "tasks").glob("*.yml")
        for task in yaml.safe_load(file.read_text(encoding="utf-8"))
    }
    assert set(MATTERS[playbook]) <= names


def test_every_playbook_has_what_matters() -> None:
    assert set(MATTERS) == {file.stem for file in (ROOT / "playbooks").glob("*.yml")}


ELSEWHERE = """
    ansible_connection: local
    ansible_host: elsewhere
    ansible_ssh_host: elsewhere
    ansible_port: 1
    ansible_ssh_port: 2
    ansible_user: me
    ansible_ssh_user: me
    ansible_ssh_executable: elsewhere
    ansible_ssh_args: -F elsewhere
    ansible_ssh_common_args: -o ProxyJump=elsewhere
    ansible_ssh_extra_args: -J elsewhere
    ansible_ssh_private_key_file: elsewhere
    ansible_private_key_file: elsewhere
"""


def test_whatever_the_inventory_says_of_the_way_it_is_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On any other one this computer, or another machine, would be prepared, staged and reset as root."""
    asked = tmp_path / "asked"
    make_project(tmp_path / "project", "[{hosts: two, gather_facts: false, tasks: [{ansible.builtin.ping: }]}]\n")
    (tmp_path / "bin").mkdir()
    ssh = tmp_path / "bin" / "ssh"
    ssh.write_text(f'#!/bin/sh\necho "$@" >>{asked}\nexit 255\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ssh.parent}:{os.environ['PATH']}")
    (tmp_path / "hosts.yml").write_text(f"all:\n  hosts: {{two: }}\n  vars:{ELSEWHERE}")
    cls: Any = SimpleNamespace(inventory=tmp_path / "hosts.yml", state=SimpleNamespace(ssh_config=tmp_path / "ours"))
    with pytest.raises(BenchError, match="two cannot be reached"):
        play(Project(tmp_path / "project", tmp_path / "state"), cls, ["stage"], {"two": {}})
    for line in asked.read_text().splitlines():
        assert f"-F {tmp_path}/ours" in line and " two " in line
        assert "elsewhere" not in line and "me" not in line.split()


def test_ansible_keeps_what_is_its_own_below_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    def noted(argv: list[str], *, env: dict[str, str], **_: object) -> Completed:
        given.update(env)
        return Completed(tuple(argv), 0, "", "")

    monkeypatch.setattr(playbook, "run", noted)
    cls: Any = SimpleNamespace(inventory=tmp_path / "none", state=SimpleNamespace(ssh_config=tmp_path / "none"))
    play(Project(tmp_path / "project", tmp_path / "state"), cls, ["stage"], {"one": ITEMS}, go_on=True)
    home = Path(given["ANSIBLE_HOME"])
    assert home.is_relative_to(tmp_path / "state") and home.is_dir()


@pytest.fixture(scope="module")
def filters() -> None:
    """Ansible's own, which it loads once in a process."""
    init_plugin_loader([])


@pytest.mark.usefixtures("filters")
@pytest.mark.parametrize("proxy", [{}, {"http_proxy": "http://proxy:3128"}], ids=["", "with a proxy"])
@pytest.mark.parametrize("file", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda file: file.stem)
def test_programs_on_seats_are_read_in_english(file: Path, proxy: dict[str, str]) -> None:
    filled = Templar(DataLoader(), variables={"prepare_environment": proxy})
    plays = yaml.safe_load(file.read_text(encoding="utf-8"))
    for written in (one.get("environment", {}) for one in plays):
        given = filled.template(trust_as_template(written)) if isinstance(written, str) else written
        assert given.get("LC_ALL") == "C.UTF-8"
        assert not isinstance(written, str) or given.items() >= proxy.items()
    assert plays


def bench_that_sees(staged: dict[str, Sequence[str]]) -> Any:
    """As much of a bench as looks at seats, on which these exercises stand."""

    def evidence(seat: str, exercises: Any, *, probing: bool) -> Any:
        if seat == "dead":
            raise BenchError("dead cannot be reached")
        return SimpleNamespace(staged={key: {} for key in staged.get(seat, ())})

    return SimpleNamespace(
        evidence=evidence,
        is_staged=lambda evidence, exercise, seat: exercise.name in evidence.staged,
        cls=SimpleNamespace(state=SimpleNamespace(log=Path("commands.log"))),
    )


def test_what_was_staged_or_reset_must_be_seen() -> None:
    a, b = cast("list[Exercise]", [SimpleNamespace(name="t/a"), SimpleNamespace(name="t/b")])
    bench = bench_that_sees({"one": ["t/a", "t/b"], "two": ["t/a"]})
    work: Any = {"one": [a, b], "two": [a, b], "dead": [a], "idle": []}
    assert {seat: error.what for seat, error in Bench.unlike(bench, "stage", work).items()} == {
        "two": "t/b was staged on two, and does not stand there.",
        "dead": "dead cannot be reached",
    }
    assert Bench.unlike(bench, "reset", {"two": [a]})["two"].what == "t/a was reset on two, and still stands there."
    assert not Bench.unlike(bench, "reset", {"two": [b]})
