"""Giving lent machines back: each for itself, whatever a student who is root there wrote or took away."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bancada import records
from bancada.cli import seats as verbs
from bancada.cli.common import tell_failed
from bancada.course import load_catalog
from bancada.course.variant import variant_of
from bancada.inventory import Class, Seat, SeatVariables
from bancada.providers.existing import provider as existing
from bancada.reach import ssh
from bancada.reach.paths import ROOT, ClassState, Project
from bancada.reach.run import Completed
from bancada.seats import down, up
from bancada.seats.bench import Bench
from bancada.words.errors import BenchError, Refused
from bancada.words.i18n import Language
from bancada.words.progress import Progress

NAMES = ("pc-01", "pc-02", "pc-03")
REMOTE = ssh.remote
ANSWERS = {"ours": {"packages": 1, "files": 2, "accounts": [], "folders": []}, "back": {"left": [], "kept": []}}


class Lab:
    """Three lent machines; `off` are switched off. `listed` is what a seat says of its exercises."""

    def __init__(self, folder: Path) -> None:
        self.off: set[str] = set()
        self.listed = ""
        self.reset: list[Mapping[str, Any]] = []
        self.back: list[str] = []
        variables = SeatVariables.model_validate({"bancada_class": "c"})
        reached = {name: {"ansible_host": f"192.0.2.{n}", "ansible_user": "me"} for n, name in enumerate(NAMES, 1)}
        seats = tuple(Seat(name, variables, {}, reached[name]) for name in NAMES)
        self.cls = Class("c", "course", Language.EN, seats, folder, ClassState(folder / "c"))
        self.provider = existing.Existing(self.cls)
        self.bench = Bench(Project(ROOT, folder), self.cls, Progress(quiet=True))
        self.bench.__dict__["_chosen"] = (self.provider, "")
        for name in NAMES:
            self.provider._write(name, existing.Adopted(name, "ssh-ed25519 AAAA", True))

    def enter(self, access: Any, words: Sequence[str], *_: object, **__: object) -> Completed:
        name = f"pc-0{access.host[-1]}"
        if name in self.off:
            raise BenchError(f"{access} cannot be reached.")
        if words[2] == "back":
            self.back.append(name)
        return Completed((), 0, json.dumps(ANSWERS[words[2]]), "")

    def remote(self, *_: object, **__: object) -> Completed:
        return Completed((), 0, self.listed, "")

    def play(self, project: Project, cls: Class, playbooks: Sequence[str], variables: Mapping[str, Any]) -> None:
        self.reset.append(variables)


@pytest.fixture
def lab(tmp_path: Path, exercises: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr("bancada.reach.run._log", None)
    monkeypatch.setenv("BANCADA_EXERCISES", str(exercises))
    lab = Lab(tmp_path)
    monkeypatch.setattr(existing, "enter", lab.enter)
    monkeypatch.setattr(down, "play", lab.play)
    monkeypatch.setattr(ssh, "remote", lab.remote)
    monkeypatch.setattr(verbs, "open_bench", lambda: lab.bench)
    monkeypatch.setattr(verbs, "see_to_consent", lambda *_: None)
    return lab


@pytest.mark.parametrize("words", [["--yes"], []], ids=["unasked", "asked"])
def test_a_machine_that_is_switched_off_stops_no_other(lab: Lab, words: list[str]) -> None:
    lab.off = {"pc-01"}
    done = CliRunner().invoke(verbs.down, ["--all", *words], input="y\n")
    assert done.exit_code == 3, done.output
    assert "Class c. Given back: pc-02, pc-03.\n" in done.stdout
    assert "192.0.2.1" in done.stderr and "next:  ./bancada down pc-01" in done.stderr
    assert lab.back == ["pc-02", "pc-03"] and list(lab.provider.machines()) == ["pc-01"]


def test_where_none_can_be_given_back_nobody_is_asked(lab: Lab) -> None:
    lab.off = set(NAMES)
    done = CliRunner().invoke(verbs.down, ["--all"], input="y\n")
    assert done.exit_code == 3 and "lost?" not in done.stderr and "Given back" not in done.stdout
    assert len(lab.provider.machines()) == 3


def test_only_which_exercises_is_believed_of_a_machine(lab: Lab, exercises: Path) -> None:
    """Ansible, which resets them, takes a variant for a template and runs it here."""
    lab.listed = "demo--first\ndemo--{{ lookup('pipe', 'id') }}\nnot--there\n"
    down.take_down(lab.bench, lab.provider.machines()["pc-02"])
    ((seat, given),) = lab.reset[0].items()
    (item,) = given["exercise_items"]
    exercise = load_catalog(exercises)["demo/first"]
    assert seat == "pc-02" and item["name"] == "demo/first"
    assert item["variant"] == variant_of(exercise, "pc-02", records.secret(lab.cls.state)).as_dict()
    assert "{{" not in json.dumps(lab.reset)


def lose_secret(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.listed = "demo--first"
    lab.cls.state.secret.unlink()


def lose_account(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> Completed:
        raise Refused("pc-01 cannot be reached over SSH: Permission denied (publickey).")

    monkeypatch.setattr(ssh, "remote", refused)


def lose_key(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "remote", REMOTE)  # which looks for the key first


def lose_sudo(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "sudo: a terminal is required to read the password"
    monkeypatch.setattr(ssh, "run", lambda *_, **__: Completed((), 1, "", said))
    lab.cls.state.admin_key.parent.mkdir(exist_ok=True)
    lab.cls.state.admin_key.touch()
    monkeypatch.setattr(ssh, "remote", REMOTE)


@pytest.mark.parametrize("lose", [lose_secret, lose_account, lose_key, lose_sudo])
def test_without_our_own_way_in_its_owners_is_enough(
    lab: Lab, lose: Callable[[Lab, pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(lab, monkeypatch)
    done = CliRunner().invoke(verbs.down, ["pc-01", "--yes"])
    assert done.exit_code == 0, done.output
    assert lab.back == ["pc-01"] and not lab.reset
    assert "! pc-01: what exercises have running or mounted there is not taken away: " in done.stderr


@pytest.mark.parametrize("note", ["", "{", "[]", '{"id": "x"}'])
def test_damaged_note_of_a_machine_is_told_with_its_name(lab: Lab, note: str) -> None:
    file = lab.cls.state.folder / "existing" / "pc-02.json"
    file.write_text(note)
    lab.cls.state.known_hosts.write_text("pc-02 ssh-ed25519 BBBB\n")
    kept = lab.provider.machines()["pc-02"].address
    assert kept and kept.host_key == "ssh-ed25519 BBBB", "the only copy, for whoever writes the note anew"
    for touch in (lab.provider.start, lab.provider.destroy):
        with pytest.raises(BenchError, match="pc-02 was lent to this class is damaged") as error:
            touch(lab.provider.machines()["pc-02"])
        assert error.value.where == str(file) and error.value.next
    done = CliRunner().invoke(verbs.down, ["--all", "--yes"])
    assert done.exit_code == 3 and "pc-02 was lent to this class is damaged" in done.stderr
    assert lab.back == ["pc-01", "pc-03"] and file.exists() and lab.provider.holds({})


def test_a_trouble_that_may_pass_is_no_reason_to_give_it_back_half(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> Completed:
        raise BenchError("pc-01 was asked in vain: no end within 60 s.")

    monkeypatch.setattr(ssh, "remote", busy)
    done = CliRunner().invoke(verbs.down, ["pc-01", "--yes"])
    assert done.exit_code == 3 and "no end within 60 s" in done.stderr
    assert not lab.back and "pc-01" in lab.provider.machines()


def test_what_is_beside_the_classs_seats_is_not_named_in_what_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bancada", "down", "--all", "--yes"])
    failed = {name: BenchError("no.") for name in ("pc-01", "own--builder")}
    tell_failed("down", failed, (), ["own--builder"])
    told = capsys.readouterr().err
    assert told.count("next:  ./bancada down pc-01 --yes\n") == told.count("next:  ./bancada down --all --yes\n") == 1


def test_a_full_disk_stops_one_machine_and_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    reset = down._reset_exercises

    def full(bench: Bench, seat: str) -> None:
        if seat == "pc-01":
            raise OSError(errno.ENOSPC, "No space left on device", "/x")
        reset(bench, seat)

    monkeypatch.setattr(down, "_reset_exercises", full)
    done = CliRunner().invoke(verbs.down, ["--all", "--yes"])
    assert done.exit_code == 3 and lab.back == ["pc-02", "pc-03"], done.output
    assert "The disk is full.\n  where: /x\n" in done.stderr


@pytest.mark.parametrize("done", [True, False])
def test_exercises_are_reset_before_a_machine_goes_back_to_its_owner(
    lab: Lab, done: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by `restore`; on one whose adoption was interrupted there is no account of ours to do it by."""
    lab.listed = "demo--first"
    lab.provider._write("pc-01", existing.Adopted("pc-01", "ssh-ed25519 AAAA", done))
    order: list[str] = []
    monkeypatch.setattr(down, "play", lambda *_: order.append("reset"))
    monkeypatch.setattr(lab.provider, "destroy", lambda machine: order.append("given back"))
    up.restore(lab.bench, lab.cls.seats[0], lab.provider.machines()["pc-01"])
    assert order == ["reset", "given back"][not done :]


def test_how_lent_machines_are_entered_is_written_before_they_are(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed verb may have left it unwritten."""
    seen: list[bool] = []

    def remote(state: ClassState, seat: str, *_: object, **__: object) -> Completed:
        seen.append(f"Host {seat}\n" in state.ssh_config.read_text())
        return Completed((), 0, "", "")

    monkeypatch.setattr(ssh, "remote", remote)
    assert not lab.cls.state.ssh_config.exists()
    done = CliRunner().invoke(verbs.down, ["--all", "--yes"])
    assert done.exit_code == 0 and seen == [True] * 3, done.output
