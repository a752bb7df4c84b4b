"""How seats and commands are reached when something is in the way: root, a firewall, PAM, Ctrl-C, another verb."""

from __future__ import annotations

import fcntl
import os
import shlex
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import AS_ROOT, ROOT, Bancada, wait_for
from test_life import port, unreachable_seat

from bancada.providers.podman.provider import Podman
from bancada.reach import ssh
from bancada.reach.paths import ClassState
from bancada.words.errors import BenchError

pytestmark = pytest.mark.whole

EXERCISE = "namespaces/uts"


def inside(bancada: Bancada, *words: str, check: bool = True) -> str:
    argv = [*AS_ROOT, "podman", "exec", bancada.container("seat-01"), *words]
    return subprocess.run(argv, check=check, capture_output=True, text=True).stdout


def close(bancada: Bancada) -> None:
    for alias in ("seat-01", "student.seat-01"):
        argv = ["ssh", "-F", str(bancada.class_state / "ssh_config"), "-O", "exit", alias]
        subprocess.run(argv, check=False, capture_output=True)


@contextmanager
def changed(path: Path, text: str | None) -> Iterator[None]:
    before = path.read_text()
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    try:
        yield
    finally:
        path.write_text(before)


# Run on a seat, as its student: a user whose way to root is sudo, as an instructor is at home.
AS_A_USER = r"""
import os, signal, subprocess, sys, time
from pathlib import Path
from types import SimpleNamespace
from bancada.reach import child
from bancada.reach.child import interrupt
from bancada.reach.run import CommandFailed, as_root, run

FAMILY = ["sh", "-c", "echo $$ >/tmp/reach/pid; sleep 600 & echo $! >/tmp/reach/child; wait"]

def wait_for(condition, what):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)

def begun():
    return all(Path(f"/tmp/reach/{name}").exists() for name in ("pid", "child"))

def gone():
    pids = [Path(f"/tmp/reach/{name}").read_text().strip() for name in ("pid", "child")]
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)

def clean():
    run(as_root(["rm", "-f", "/tmp/reach/pid", "/tmp/reach/child"]))

signal.signal(signal.SIGINT, interrupt)
if sys.argv[1:] == ["work"]:
    try:
        run(as_root(FAMILY), timeout=600)
    except KeyboardInterrupt:
        print("interrupted")
    sys.exit()
assert os.geteuid() != 0 and as_root(["id"]) == ["sudo", "id"]
assert run(as_root(["sh", "-c", "cat; id -u; exit 5"]), input="given\n", check=False).stdout == "given\n0\n"
assert run(as_root(["sh", "-c", "exit 5"]), check=False).code == 5
clean()
child.time = SimpleNamespace(monotonic=lambda: 1e6 * begun())  # the deadline has passed as soon as it has begun
try:
    run(as_root(FAMILY), timeout=600)
    raise SystemExit("no time-out")
except CommandFailed as error:
    assert "sh did not end within 600 s" in str(error), error
child.time = time
wait_for(gone, "a time-out left a process of root's")
try:
    run(as_root(["yes"]), limit=2**20)
    raise SystemExit("no limit")
except CommandFailed as error:
    assert "yes said more than 1 MiB of output" in str(error), error
for number in (signal.SIGINT, signal.SIGKILL):
    clean()
    us = subprocess.Popen([sys.executable, __file__, "work"], stdout=subprocess.PIPE, text=True)
    wait_for(begun, "it did not begin")
    us.send_signal(number)
    said = us.communicate(timeout=30)[0]
    assert number == signal.SIGKILL or said == "interrupted\n", said
    wait_for(gone, f"{number} left a process of root's")
print("all as it should be")
"""


def test_a_user_with_sudo_has_time_outs_bounds_and_a_clean_interrupt(bancada: Bancada) -> None:
    student = ["ssh", "-F", str(bancada.class_state / "ssh_config"), "student.seat-01"]
    source = subprocess.run(
        ["tar", "-c", "-C", str(ROOT / "src"), "--exclude=__pycache__", "bancada"], check=True, capture_output=True
    ).stdout
    subprocess.run([*student, "mkdir /tmp/reach && tar -x -C /tmp/reach"], input=source, check=True)
    try:
        subprocess.run([*student, "cat >/tmp/reach/as_a_user.py"], input=AS_A_USER.encode(), check=True)
        for terminal in (["-T"], ["-tt"]):  # sudo goes other ways where there is a terminal
            run = [*student[:-1], *terminal, "student.seat-01", "PYTHONPATH=/tmp/reach python3 /tmp/reach/as_a_user.py"]
            done = subprocess.run(
                run, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False
            )
            assert "all as it should be" in done.stdout, done.stdout + done.stderr
    finally:
        subprocess.run([*student, "sudo rm -rf /tmp/reach"], check=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_up_that_waits_for_a_seat_can_be_interrupted(bancada: Bancada, number: signal.Signals) -> None:
    log = bancada.class_state / "commands.log"
    with unreachable_seat(bancada):
        before = len(log.read_bytes())
        running = bancada.start("up", "seat-01")
        wait_for(lambda: b" seat-01 true\n#   " in log.read_bytes()[before:])  # it was turned away once
        started = time.monotonic()
        os.kill(running.pid, number)
        _, said = running.communicate(timeout=60)
    assert running.returncode == 130 and "Interrupted." in said, said
    assert time.monotonic() - started < 10


def test_a_seat_that_turns_us_away_says_itself_why(bancada: Bancada) -> None:
    pam = "/etc/pam.d/sshd"
    inside(bancada, "sed", "-i.kept", "1i session required pam_loginuid_of_nobody.so", pam)
    try:
        close(bancada)
        started = time.monotonic()
        done = bancada("up", "seat-01")
        took = time.monotonic() - started
    finally:
        inside(bancada, "mv", f"{pam}.kept", pam)
        close(bancada)
    assert done.returncode == 3 and took < 60, f"{took} s"
    assert "seat-01 does not let us in" in done.stderr
    assert "It says itself: " in done.stderr and "pam_loginuid_of_nobody.so" in done.stderr, done.stderr


def cut_off(port: str) -> None:
    """Take away the computer's rule for this port, as a firewall does that is loaded anew."""
    asked = subprocess.run([*AS_ROOT, "iptables", "-t", "nat", "-S"], check=False, capture_output=True, text=True)
    rules = [rule for rule in asked.stdout.splitlines() if f"--dport {port} " in rule and "-j NETAVARK-DN" in rule]
    for rule in rules:
        subprocess.run([*AS_ROOT, "iptables", "-t", "nat", "-D", *shlex.split(rule)[1:]], check=True)
    if not rules:  # Debian 13's netavark
        table = ["inet", "netavark"]
        listed = subprocess.check_output([*AS_ROOT, "nft", "--handle", "list", "table", *table], text=True)
        chain = ""
        for words in map(str.split, listed.splitlines()):
            chain = words[1] if words[:1] == ["chain"] else chain
            if f"dport {port} " in " ".join(words) and "handle" in words:
                subprocess.run([*AS_ROOT, "nft", "delete", "rule", *table, chain, *words[-2:]], check=True)
                rules.append(" ".join(words))
    assert rules, "there was no rule to take away"


def test_a_seat_whose_port_was_cut_off_is_connected_again(bancada: Bancada) -> None:
    marked = inside(bancada, "sh", "-c", "setsid sleep 600 >/dev/null 2>&1 </dev/null & echo $!").strip()
    try:
        cut_off(port(bancada.class_state / "ssh_config"))
        close(bancada)
        done = bancada("up", "seat-01")
        assert done.returncode == 0, done.stderr
        assert "sleep" in inside(bancada, "cat", f"/proc/{marked}/comm")  # what ran there runs on
    finally:
        inside(bancada, "kill", marked, check=False)


def test_a_seat_whose_port_another_program_took_says_which_and_how_to_find_it(bancada: Bancada) -> None:
    taken = port(bancada.class_state / "ssh_config")
    close(bancada)
    subprocess.run([*AS_ROOT, "podman", "stop", "--time", "1", bancada.container("seat-01")], check=True)
    with socket.create_server(("127.0.0.1", int(taken))):
        done = bancada("up", "seat-01")
    assert done.returncode == 3
    assert f"seat-01 is entered by port {taken} of this computer, and another program has it." in done.stderr
    assert f"next:  ss -ltnp 'sport = :{taken}'; end that program, then ./bancada up seat-01" in done.stderr
    assert bancada("up", "seat-01").returncode == 0


def test_a_script_that_ends_with_255_was_reached(bancada: Bancada) -> None:
    state = ClassState(bancada.class_state)
    done = ssh.remote(state, "student.seat-01", "echo oh >&2; exit 255", check=False)
    assert (done.code, done.last_words) == (255, "oh")
    with pytest.raises(BenchError, match=r"seat-01 was asked in vain: more than 1 MiB of output"):
        ssh.remote(state, "seat-01", "yes", limit=2**20)


def test_who_only_looks_does_not_write_how_seats_are_entered(bancada: Bancada) -> None:
    config, lock = bancada.class_state / "ssh_config", bancada.class_state / "lock"
    newer = config.read_text() + "\nHost seat-02\n  HostName 127.0.0.1\n"
    with changed(config, newer):
        for words in (["check", "seat-01", "-e", EXERCISE], ["status", "seat-01"], ["ssh", "seat-01", "true"]):
            assert bancada(*words).returncode in (0, 1)
            assert config.read_text() == newer
    with changed(config, None), lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # an `up` that has not come to write it yet
        assert bancada("check", "seat-01", "-e", EXERCISE).returncode == 3
        assert not config.exists()
        fcntl.flock(held, fcntl.LOCK_UN)
        assert bancada("check", "seat-01", "-e", EXERCISE).returncode == 1
        assert "Host seat-01\n" in config.read_text()


def test_no_copy_of_a_private_key_is_left(bancada: Bancada, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    tempfile.tempdir = None
    private, name = f"PRIVATE {os.getpid()} {time.monotonic_ns()}", bancada.container("identity")
    podman = [*AS_ROOT, "podman"]
    image = subprocess.check_output(
        [*podman, "inspect", "-f", "{{.Image}}", bancada.container("seat-01")], text=True
    ).strip()
    subprocess.run([*podman, "create", "--name", name, image], check=True, capture_output=True)
    state = ClassState(bancada.class_state)
    before = {path for path in state.folder.rglob("*") if "commands.log" not in path.name}
    cls: Any = SimpleNamespace(name=bancada.name, state=state)
    try:
        Podman(cls)._put_identity(name, private, "PUBLIC", "ADMIN")
        there = subprocess.check_output([*podman, "cp", f"{name}:/etc/ssh/ssh_host_ed25519_key", "-"])
    finally:
        subprocess.run([*podman, "rm", "--force", "--volumes", name], check=True, capture_output=True)
        monkeypatch.undo()
        tempfile.tempdir = None
    assert private.encode() in there
    assert {path for path in state.folder.rglob("*") if "commands.log" not in path.name} == before
    kept = [path for folder in (tmp_path, Path("/var/tmp"), Path("/tmp")) for path in folder.glob("*")]
    copies = [path for path in kept if path.is_file() and _holds(path, private.encode())]
    assert not copies and not list(tmp_path.iterdir())


def _holds(path: Path, text: bytes) -> bool:
    try:
        return path.stat().st_size < 2**20 and text in path.read_bytes()
    except OSError:
        return False
