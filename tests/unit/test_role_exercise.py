"""What role `exercise` asks the seat-side program for: Ansible runs it on this computer, with a program that only notes
what it was asked, and answers as it is told to."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from bancada.reach.paths import ROOT, Project
from bancada.seats.ansible.playbook import Played, play

ARGUMENT_LIMIT = 128 * 1024
"""Of one word of a command line: execve(2)."""
TEXT = "docker ps --format '{{ .ID }}'\n{% if %} {# no comment #} {{ lookup('pipe', 'id') }}\n  Ação 🐧\n\n"
PROGRAM = """
import json, sys
with open({asked!r}, "a") as file:
    file.write(json.dumps(ARGV) + "\\n")
{then}
"""
DONE = """print(json.dumps({"changed": json.loads(ARGV[1])[0]["name"] != "t/same", "each": []}))"""

Calls = list[tuple[str, list[dict[str, Any]]]]
Staged = tuple[Played, Calls]


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


seatside = load(ROOT / "roles" / "exercise" / "library" / "seatside.py")


def item(folder: Path, name: str, **more: Any) -> dict[str, Any]:
    """As bancada.course.variant.for_role has it."""
    return {"name": name, "source": str(folder), "digest": "d1", "variant": {}, "claims": [], "own": [], **more}


@dataclass
class Lab:
    """`./bancada`'s own playbooks, on this computer instead of a seat."""

    folder: Path

    def run(self, playbook: str, *items: dict[str, Any], then: str = DONE, check: bool = False) -> Played:
        """The playbook for these exercises, with a program that does `then`; with `check` nothing is changed."""
        root = self.folder / "project"
        callback = "src/bancada/seats/ansible/callback/bancada_events.py"
        for name in ("ansible.cfg", callback, f"playbooks/{playbook}.yml"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        if not (root / "roles").exists():
            (root / "roles").symlink_to(ROOT / "roles")
        if check:
            file = root / "playbooks" / f"{playbook}.yml"
            written = file.read_text(encoding="utf-8")
            file.write_text(written.replace("become: true", "become: true\n  check_mode: true"), encoding="utf-8")
        self.asked.write_text("")
        program = self.folder / "program.py"
        program.write_text(PROGRAM.format(asked=str(self.asked), then=then))
        (self.folder / "hosts.yml").write_text("all: {hosts: {one: }}")
        cls: Any = SimpleNamespace(inventory=self.folder / "hosts.yml", state=SimpleNamespace(ssh_config=Path("none")))
        here = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable}
        own = {"exercise_items": items, "exercise_seatside": str(program)}
        fixed = {"exercise_user": "ana", "exercise_home": "/h"}
        return play(Project(root, self.folder), cls, [playbook], {"one": here | own | fixed}, go_on=True)

    @property
    def asked(self) -> Path:
        return self.folder / "asked"

    @property
    def calls(self) -> Calls:
        """What the program was asked the last time: for each call the command, and what it is asked to do it to."""
        calls = [json.loads(line) for line in self.asked.read_text().splitlines()]
        return [(command, json.loads(argument)) for command, argument in calls]

    @property
    def exercises(self) -> tuple[dict[str, Any], ...]:
        """One that has nothing of its own, one with a starting state, one whose text is no command line's."""
        folder = self.folder / "t" / "own"
        folder.mkdir(parents=True, exist_ok=True)
        notes = "- name: Ensure it is noted\n  ansible.builtin.copy:\n    dest: '{{ exercise.variant.file }}'\n"
        text = notes + "    content: '{{ exercise.name }} {{ exercise.folder }}'\n    mode: '0644'\n"
        for name in ("stage.yml", "reset.yml"):
            (folder / name).write_text(text)
        return (
            item(folder, "t/plain", texts={"TASK.md": TEXT, "TAREFA.md": ""}, claims=["uts"], variant={"port": 80}),
            item(folder, "t/own", texts={"TASK.md": "x"}, own=["stage", "reset"], variant={"file": str(self.note)}),
            item(folder, "t/long", texts={"TASK.md": "long " * ARGUMENT_LIMIT}, variant={"word": "{{ never }}"}),
        )

    @property
    def note(self) -> Path:
        return self.folder / "note"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def staged(lab: Lab) -> Staged:
    return lab.run("stage", *lab.exercises), lab.calls


def test_all_exercises_are_staged_in_one_call_and_marked_in_another(staged: Staged) -> None:
    played, calls = staged
    assert not played.failures and played.changed == {"one": 3}
    (first, everything), (second, own) = calls
    assert first == second == "stage"
    assert [request["name"] for request in everything] == ["t/plain", "t/own", "t/long"]
    assert [request["name"] for request in own] == ["t/own"]


def test_texts_come_to_the_program_as_they_are(staged: Staged, lab: Lab) -> None:
    """Nothing in them is a template any more, and they are no argument, which could not be as long."""
    everything = staged[1][0][1]
    assert everything[0]["texts"] == {"TASK.md": TEXT, "TAREFA.md": ""}
    assert len(everything[2]["texts"]["TASK.md"]) > ARGUMENT_LIMIT
    assert everything[2]["marker"]["variant"] == {"word": "{{ never }}"}


def test_what_the_program_is_asked_is_whole(staged: Staged) -> None:
    request = staged[1][0][1][0]
    assert {key: value for key, value in request.items() if key != "texts"} == {
        "name": "t/plain",
        "folder": "/h/t/plain",
        "user": "ana",
        "check": False,
        "claims": ["uts"],
        "marker": {"name": "t/plain", "digest": "d1", "variant": {"port": 80}},
    }


def test_marker_waits_for_the_exercises_own_starting_state(staged: Staged, lab: Lab) -> None:
    (_, everything), (_, own) = staged[1]
    assert everything[1]["marker"] is None
    assert own[0]["marker"] == {"name": "t/own", "digest": "d1", "variant": {"file": str(lab.note)}}
    assert "texts" not in own[0]
    assert lab.note.read_text() == "t/own /h/t/own"


def test_nothing_changed_is_said_by_the_program(lab: Lab) -> None:
    played = lab.run("stage", item(lab.folder, "t/same", texts={}))
    assert not played.failures and played.changed == {"one": 0}
    assert len(lab.calls) == 1


def test_check_mode_only_compares(lab: Lab) -> None:
    lab.note.unlink(missing_ok=True)
    played = lab.run("stage", *lab.exercises, check=True)
    assert not played.failures and played.changed == {"one": 3}
    assert [[request["check"] for request in asked] for _, asked in lab.calls] == [[True] * 3, [True]]
    assert not lab.note.exists()


def test_reset_is_one_call_and_none_in_check_mode(lab: Lab) -> None:
    lab.note.unlink(missing_ok=True)
    played = lab.run("reset", *lab.exercises)
    assert not played.failures and lab.note.exists() and played.changed == {"one": 2}
    names = ("plain", "own", "long")
    requests = [{"name": f"t/{name}", "folder": f"/h/t/{name}", "claims": []} for name in names]
    assert lab.calls == [("reset", [requests[0] | {"claims": ["uts"]}, *requests[1:]])]
    played = lab.run("reset", *lab.exercises, check=True)
    assert not lab.calls and played.changed == {"one": 0}


@pytest.mark.parametrize("playbook", ["stage", "reset"])
def test_what_the_program_refuses_is_what_failed(lab: Lab, playbook: str) -> None:
    refusal = {"error": {"message": "t/plain: /h/t is not a directory"}}
    played = lab.run(playbook, lab.exercises[0], then=f"print(json.dumps({refusal})); sys.exit(1)")
    assert played.failed["one"].what == "On one: t/plain: /h/t is not a directory"


@pytest.mark.parametrize(
    ("code", "stdout", "stderr", "heard"),
    [
        (1, "", "Traceback …:\n  …\nMemoryError: none left\n", "MemoryError: none left"),
        (127, "python3: not found\n", "", "python3: not found"),
        (-9, "", "", "exit code -9"),
        (1, '{"changed": true, "each": []}', "", '{"changed": true, "each": []}'),
        (0, '{"changed": "no"}', "", '{"changed": "no"}'),
        (0, "[]", "", "[]"),
    ],
)
def test_what_is_no_answer_is_not_taken_for_one(code: int, stdout: str, stderr: str, heard: str) -> None:
    with pytest.raises(ValueError) as error:
        seatside.answer_of(code, stdout, stderr)
    assert str(error.value) == f"The seat-side program gave no answer: {heard}"


def test_what_start_up_files_say_before_the_answer_is_no_part_of_it() -> None:
    answer = seatside.answer_of(0, 'Welcome!\n{"changed": false, "each": []}\n', "")
    assert answer == {"changed": False, "each": []}
