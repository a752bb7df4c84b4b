"""How seats are entered: the configuration that OpenSSH reads, and what its ends mean."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bancada.inventory import Class
from bancada.providers import Machine, MachineState, adopt
from bancada.providers.podman import provider as podman
from bancada.reach import ssh
from bancada.reach.paths import ClassState, Project
from bancada.reach.run import CommandFailed, Completed
from bancada.seats.ansible.playbook import environment
from bancada.seats.bench import Bench
from bancada.words.errors import BenchError, Late
from bancada.words.i18n import Language
from bancada.words.progress import Progress

ADDRESS = ssh.Address("127.0.0.1", 2222, "ssh-ed25519 AAAA")
NAMES = ["plain", 'Área de Trabalho/st%20x "y"', "back\\slash", "it's 100%d #1 $HOME"]


def state_in(folder: Path) -> ClassState:
    (folder / "keys").mkdir(parents=True)
    for key in ("admin", "seat-01"):
        (folder / "keys" / key).touch(mode=0o600)
    return ClassState(folder)


def taken(state: ClassState, alias: str) -> dict[str, str]:
    """What OpenSSH itself makes of the configuration."""
    told = subprocess.run(["ssh", "-G", *ssh.argv(state, alias)[1:]], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    return dict(line.split(" ", 1) for line in told.stdout.splitlines() if " " in line)


@pytest.mark.parametrize("name", NAMES)
def test_any_folder_may_hold_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / "run" / name).mkdir(parents=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run" / name))
    state = state_in(tmp_path / name)
    ssh.write_config(state, {"seat-01": ADDRESS})
    options = taken(state, "student.seat-01")
    # -G prints before ssh expands: a doubled per cent sign is one in the end.
    assert options["identityfile"].replace("%%", "%") == str(state.student_key("seat-01"))
    assert options["userknownhostsfile"].replace("%%", "%") == str(state.known_hosts)
    assert options["port"] == "2222"
    # ControlPath it prints expanded.
    assert Path(options["controlpath"]).parent == state.sockets


@pytest.mark.parametrize("name", NAMES)
def test_ansible_splits_its_words_where_we_mean_it(tmp_path: Path, name: str) -> None:
    state = ClassState(tmp_path / name)
    cls = Class("c", "course", "en", (), tmp_path, state)  # type: ignore[arg-type]
    words = environment(Project(tmp_path, tmp_path), cls)["ANSIBLE_SSH_ARGS"]
    assert shlex.split(words) == ["-F", str(state.ssh_config)]


def test_a_key_in_any_folder_opens_a_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / 'my "keys" 50%' / "id"
    key.parent.mkdir()
    key.touch(mode=0o600)
    asked: list[list[str]] = []

    def noted(argv: list[str], **_: object) -> Completed:
        asked.append(argv)
        return Completed(tuple(argv), 0, "", "")

    monkeypatch.setattr(adopt, "run", noted)
    adopt.enter(adopt.Access("127.0.0.1", 22, "me", key, "ssh-ed25519 AAAA"), ["true"], "")
    told = subprocess.run(["ssh", "-G", *asked[0][1:]], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert f"identityfile {str(key).replace('%', '%%')}" in told.stdout.splitlines()


def answer(monkeypatch: pytest.MonkeyPatch, code: int, stderr: str = "", stdout: str = "") -> list[list[str]]:
    asked: list[list[str]] = []

    def run(argv: list[str], **_: object) -> Completed:
        asked.append(argv)
        return Completed(tuple(argv), code, stdout, stderr)

    monkeypatch.setattr(ssh, "run", run)
    return asked


@pytest.mark.parametrize(
    ("command", "code"),
    [("true", 0), ("exit 3", 3), ("exit 255", 255), ("sh -c 'exit 255' # a comment", 255), ("kill -9 $BASHPID", 137)],
)
@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_a_commands_own_255_is_told_from_that_of_ssh(shell: str, command: str, code: int) -> None:
    if shell == "sh" and "BASHPID" in command:
        return
    words = [shell, "-c", ssh.REMOTE.format(command=command)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert (ssh.OWN_255 in done.stderr) == (code == 255)


@pytest.mark.parametrize(("command", "kind"), [("sleep 600", Late), ("yes", BenchError)])
def test_a_seat_that_is_busy_is_told_from_one_that_says_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, kind: type[BenchError]
) -> None:
    state = ClassState(tmp_path)
    state.admin_key.parent.mkdir(parents=True)
    state.admin_key.touch()
    monkeypatch.setattr(ssh, "argv", lambda *_: ["sh", "-c", command])
    with pytest.raises(BenchError, match="seat-01 was asked in vain") as error:
        ssh.remote(state, "seat-01", "true", timeout=1.0, limit=10)
    assert type(error.value) is kind


def test_a_script_that_ends_with_255_has_reached_its_seat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = state_in(tmp_path)
    answer(monkeypatch, 255, f"mount of /sys failed\n{ssh.OWN_255}\n")
    done = ssh.remote(state, "student.seat-01", "x", check=False)
    assert (done.code, done.last_words) == (255, "mount of /sys failed")
    answer(monkeypatch, 255, "ssh: connect to host 127.0.0.1 port 2222: Connection refused\n")
    with pytest.raises(BenchError, match=r"student.seat-01 cannot be reached over SSH: .*Connection refused") as told:
        ssh.remote(state, "student.seat-01", "x", check=False)
    assert told.value.next == "./bancada up seat-01"


def test_a_configuration_that_ssh_refuses_is_told_as_such(tmp_path: Path) -> None:
    state = state_in(tmp_path)
    state.ssh_config.write_text("Host seat-01\n  NoSuchOption yes\n")
    with pytest.raises(BenchError, match=r"refuses the class's conf.*: .*Bad configuration option: nosuchoption"):
        ssh.remote(state, "seat-01", "true")


def test_keys_that_others_may_read_are_closed(tmp_path: Path) -> None:
    state = state_in(tmp_path)
    state.admin_key.chmod(0o644)
    state.admin_key.with_suffix(".pub").touch(mode=0o644)
    assert ssh.loose_keys(state) == [state.admin_key]
    assert ssh.tighten(state) == []
    assert state.admin_key.stat().st_mode & 0o777 == 0o600
    assert state.admin_key.with_suffix(".pub").stat().st_mode & 0o777 == 0o644


def test_whoever_opens_a_class_closes_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bancada.reach.run._log", None)
    state = state_in(tmp_path / "c")
    state.admin_key.chmod(0o644)
    cls = Class("c", "course", Language.EN, (), tmp_path, state)
    Bench(Project(tmp_path, tmp_path), cls, Progress(quiet=True))
    assert state.admin_key.stat().st_mode & 0o777 == 0o600


def test_keys_that_cannot_be_closed_are_told_with_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = state_in(tmp_path)
    state.admin_key.chmod(0o644)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuse)
    assert ssh.tighten(state) == [state.admin_key]
    answer(monkeypatch, 255, "@ WARNING: UNPROTECTED PRIVATE KEY FILE! @\nPermission denied (publickey).\n")
    with pytest.raises(BenchError, match="Others may read the class's keys") as told:
        ssh.remote(state, "seat-01", "true")
    assert told.value.next == f"chmod 600 {state.admin_key}"


def test_only_what_is_missing_is_to_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    state = state_in(tmp_path / "class")
    assert not ssh.knows(state, {"seat-01": ADDRESS})
    ssh.write_config(state, {"seat-01": ADDRESS, "seat-02": ssh.Address("127.0.0.1", 2223, "ssh-ed25519 BBBB")})
    assert ssh.knows(state, {"seat-01": ADDRESS})
    assert not ssh.knows(state, {"seat-01": ssh.Address("127.0.0.1", 2224, ADDRESS.host_key)})
    assert not ssh.knows(state, {"seat-03": ADDRESS})
    os.truncate(state.known_hosts, 0)
    assert not ssh.knows(state, {"seat-01": ADDRESS})


def test_too_many_keys_are_told_as_such() -> None:
    said = "Received disconnect from 127.0.0.1: 2: Too many authentication failures\nPermission denied\n"
    error = adopt._refused(adopt.Access("127.0.0.1", 22, "me"), Completed((), 255, "", said))
    assert "before the right one of your many keys was tried" in error.what
    assert error.where == "ansible_ssh_private_key_file in the inventory"


def test_a_port_that_is_taken_is_named_with_what_shows_by_whom(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "Error: rootlessport listen tcp 127.0.0.1:2222: bind: address already in use"

    def fail(*words: str, **_: object) -> Completed:
        done = Completed(("podman", *words), 126, "", said)
        raise CommandFailed(done, "podman failed")

    monkeypatch.setattr(podman, "_podman", fail)
    machine = Machine("seat-01", "1", "container seat-01", MachineState.STOPPED, "", ADDRESS)
    cls: Any = SimpleNamespace(state=SimpleNamespace(sockets=None))
    with pytest.raises(BenchError, match="port 2222 of this computer, and another program has it") as told:
        podman.Podman(cls).start(machine)
    assert told.value.next == "ss -ltnp 'sport = :2222'; end that program, then ./bancada up seat-01"
