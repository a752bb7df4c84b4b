"""A class's life on a real seat: up, up again, solve, check, reset; and everything that breaks on the way.

What breaks is `whole`, one by one: the rest is the life of a class from end to end.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import AS_ROOT, ROOT, Bancada

from bancada.reach import ssh
from bancada.reach.paths import ClassState

EXERCISE = "namespaces/uts"
UNIFIED = Path("/sys/fs/cgroup/cgroup.controllers")
"""There where root of a seat is nobody on the computer."""


def check(bancada: Bancada, *words: str) -> dict[str, object]:
    (result,) = json.loads(bancada("check", "seat-01", *words, "--json").stdout)["results"]
    return dict(result)


def test_second_up_changes_nothing_and_says_so(bancada: Bancada) -> None:
    started = subprocess.check_output(
        [*AS_ROOT, "podman", "inspect", "-f", "{{.State.StartedAt}}", bancada.container("seat-01")]
    )
    done = bancada("up")
    assert done.returncode == 0, done.stderr
    assert "nothing to do" in done.stdout and "Nothing changed: every seat was ready already" in done.stdout
    again = subprocess.check_output(
        [*AS_ROOT, "podman", "inspect", "-f", "{{.State.StartedAt}}", bancada.container("seat-01")]
    )
    assert started == again


@pytest.mark.skipif(UNIFIED.exists(), reason="root of a seat is nobody here")
def test_up_wants_trust_where_root_of_a_seat_is_root_of_the_computer(fresh: Bancada) -> None:
    variables = fresh.inventory / "group_vars" / "all.yml"
    variables.write_text(variables.read_text().replace("bancada_trust_students: true\n", ""))
    done = fresh("--yes", "up")
    assert done.returncode == 3
    assert "Root of a seat would be root of this computer: on cgroup version 1" in done.stderr
    assert "./bancada up --trust-students" in done.stderr
    assert "starting" not in done.stderr and "making" not in done.stderr


def test_status_tells_machine_and_states(bancada: Bancada) -> None:
    seats = {seat["seat"]: seat for seat in json.loads(bancada("status", "--json").stdout)["seats"]}
    assert seats["seat-01"]["machine"] == "running" and seats["seat-02"]["machine"] == "absent"
    assert set(seats["seat-01"]["exercises"].values()) == {"staged"}


def test_what_watches_a_seat_stands_in_the_folder_of_sockets(bancada: Bancada) -> None:
    """It writes a file there when a seat's memory limit is hit, and would keep a disk from being unmounted."""
    pid = podman("inspect", "-f", "{{.State.ConmonPid}}", bancada.container("seat-01")).strip()
    there = subprocess.check_output([*AS_ROOT, "readlink", f"/proc/{pid}/cwd"], text=True).strip()
    assert there == str(ClassState(bancada.class_state).sockets)


def test_student_enters_with_their_own_key_only(bancada: Bancada) -> None:
    done = bancada("ssh", "seat-01", "id -un; sudo -n id -u")
    assert done.stdout.split() == ["student", "0"]
    config = bancada.class_state / "ssh_config"
    other = ["-o", f'IdentityFile="{ssh.quoted(bancada.class_state / "keys" / "admin")}"', "-o", "ControlPath=none"]
    refused = subprocess.run(
        ["ssh", "-F", "/dev/null", "-o", "IdentitiesOnly=yes", *other, "-o", "BatchMode=yes",
         "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-p", port(config),
         "student@127.0.0.1", "true"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 255 and "Permission denied (publickey)" in refused.stderr


def port(config: Path) -> str:
    return next(line.split()[1] for line in config.read_text().splitlines() if line.strip().startswith("Port "))


def test_solve_check_reset_stage(bancada: Bancada) -> None:
    before = check(bancada, "-e", EXERCISE)
    assert (before["verdict"], before["state"]) == ("failed", "staged")
    for test in before["tests"]:  # type: ignore[attr-defined]
        if test["verdict"] == "failed":
            assert set(test["expected"]) == set(test["found"]) == {"en", "pt-BR"} and len(test["hints"]) == 2
    done = bancada("solve", "seat-01", "-e", EXERCISE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert check(bancada, "-e", EXERCISE)["verdict"] == "passed"
    assert bancada("reset", "seat-01", "-e", EXERCISE, "--yes").returncode == 0
    assert check(bancada, "-e", EXERCISE)["state"] == "pristine"
    assert bancada("stage", "seat-01", "-e", EXERCISE).returncode == 0
    assert check(bancada, "-e", EXERCISE)["state"] == "staged"
    assert "nothing to do" in bancada("stage", "seat-01", "-e", EXERCISE).stdout


def test_check_tells_expected_found_and_hint_in_the_classs_language(bancada: Bancada) -> None:
    done = bancada("check", "seat-01", "-e", EXERCISE)
    assert done.returncode == 1
    for word in ("failed", "expected:", "the kernel says:", "hint:", "0 passed, 1 failed, 0 error"):
        assert word in done.stdout


LIFE = (
    ("doctor", "--json"), ("lint",), ("status",), ("status", "--json"), ("check", "seat-01"),
    ("check", "seat-01", "--json"), ("solve", "seat-01", "-e", EXERCISE), ("rejudge",), ("rejudge", "--json"),
    ("reset", "seat-01", "-e", EXERCISE, "--yes"), ("stage", "seat-01", "-e", EXERCISE), ("stage", "seat-01"),
    ("down", "--halt", "seat-01"), ("status",), ("up",), ("ssh", "seat-01", "true"), ("restore", "seat-01", "--yes"),
    ("up", "--json"),
)  # fmt: skip
PROGRESS = re.compile(r"[…✓] .*")
KNOWN = ("! Root of a seat is root of this computer", "Provider: podman, asked for.")
"""What this class was told to be content with, and what it asked for."""


def test_where_nothing_is_wrong_only_progress_is_told_beside_the_results(bancada: Bancada) -> None:
    """By each verb of a class's life, in an order in which it has something to do."""
    for words in LIFE:
        done = bancada(*words)
        assert done.returncode == (1 if words[0] == "check" else 0), (words, done.stdout + done.stderr)
        said = [line for line in done.stderr.splitlines() if not line.startswith(KNOWN)]
        if words[0] not in ("up", "solve", "reset", "stage", "down", "restore"):
            assert done.stderr == "", words
        assert not [line for line in said if not PROGRESS.fullmatch(line)], words


@pytest.mark.whole
def test_what_takes_work_away_names_it_and_asks_and_without_a_terminal_does_nothing_unasked(bancada: Bancada) -> None:
    asked = {
        ("reset",): f"Class {bancada.name}: reset 3 exercises on seat-01?",
        ("reset", "seat-01", "-e", EXERCISE): f"Class {bancada.name}: reset {EXERCISE} on seat-01?",
        ("prove", "seat-01", "-e", EXERCISE): f"Class {bancada.name}: prove {EXERCISE} on seat-01?",
        ("restore", "seat-01"): f"Class {bancada.name}: restore seat-01? All that was done there",
        ("down", "--all"): f"Class {bancada.name}: destroy seat-01? All work there is lost.",
    }
    bancada("ssh", "seat-01", "touch work")
    for words, question in asked.items():
        for typed in ("n\n", "\x04"):  # no, and an end of all that is typed
            done = bancada.answer(list(words), typed)
            assert done.returncode == 130 and question in done.stderr, (words, done.stderr)
            assert "Nothing was done." in done.stderr and "Interrupted" not in done.stderr, done.stderr
        done = bancada(*words)
        again = " ".join([words[0], "--yes", *words[1:]]) + ", and the seats by name, or --all" * (len(words) == 1)
        assert done.returncode == 2 and "no terminal to ask on" in done.stderr, (words, done.stderr)
        assert f"next:  ./bancada {again}\n" in done.stderr
    done = bancada("reset", "--yes", "-e", EXERCISE)
    assert done.returncode == 2 and "Which seats?" in done.stderr, done.stderr
    assert f"next:  ./bancada reset --all --yes -e {EXERCISE}, or" in done.stderr
    for verb in ("reset", "down", "up"):
        done = bancada(verb, "seat-01", "--all", *["--yes"] * (verb != "up"))
        assert done.returncode == 2 and f"next:  ./bancada {verb} seat-01; or" in done.stderr, done.stderr
    done = bancada("ssh", "seat-01", "-V")
    assert done.returncode == 2 and "OpenSSH" not in done.stderr, "an option of the command, not of our ssh"
    done = bancada("down", "--halt")
    assert done.returncode == 2 and "next:  ./bancada down --all --halt, or" in done.stderr, done.stderr
    done = bancada("ssh", "seat-01", "--admin", "id")
    assert done.returncode == 2 and "next:  ./bancada ssh --admin seat-01 id" in done.stderr, done.stderr
    assert bancada("ssh", "seat-01", "rm work").returncode == 0
    assert check(bancada, "-e", EXERCISE)["state"] == "staged"
    done = bancada.answer(["reset", "seat-01", "-e", EXERCISE], "y\n")
    assert done.returncode == 0 and f"Class {bancada.name}. Reset: {EXERCISE} on seat-01.\n" in done.stdout
    assert check(bancada, "-e", EXERCISE)["state"] == "pristine"
    bancada("stage", "seat-01", "-e", EXERCISE)


@pytest.mark.whole
def test_a_student_who_shut_themself_out_is_let_in_again_and_keeps_their_work(bancada: Bancada) -> None:
    broken = "echo mine >work; rm .ssh/authorized_keys; sudo chmod 777 /home/student; sudo chsh -s /bin/false student"
    assert bancada("ssh", "seat-01", broken).returncode == 0
    config = bancada.class_state / "ssh_config"
    subprocess.run(["ssh", "-F", config, "-O", "exit", "student.seat-01"], check=True, capture_output=True)
    assert bancada("ssh", "seat-01", "true").returncode == 255
    done = bancada("up", "seat-01")
    assert done.returncode == 0 and "given to its student" in done.stdout, done.stdout + done.stderr
    assert bancada("ssh", "seat-01", "cat work; rm work").stdout == "mine\n"


@pytest.mark.whole
def test_a_solution_that_ends_with_255_lost_no_connection_and_the_next_one_is_typed(bancada: Bancada) -> None:
    first, cp = "chroot/minimal-root", "/usr/local/bin/cp"
    broken = f"printf '#!/bin/sh\\necho oh >&2; exit 255' | sudo tee {cp} && sudo chmod +x {cp}"
    assert bancada("ssh", "seat-01", broken).returncode == 0
    try:
        done = bancada("solve", "seat-01", "-e", first, "-e", EXERCISE)
        assert done.returncode == 3
        assert f"The solution of {first} failed on seat-01: oh" in done.stderr
        assert f"passed    seat-01  {EXERCISE}" in done.stdout
    finally:
        bancada("ssh", "seat-01", f"sudo rm {cp}")
        bancada("reset", "seat-01", "-e", first, "-e", EXERCISE, "--yes")
        bancada("stage", "seat-01")


@pytest.mark.whole
def test_solve_of_what_is_not_staged_says_so(bancada: Bancada) -> None:
    bancada("reset", "seat-01", "-e", EXERCISE, "--yes")
    try:
        done = bancada("solve", "seat-01", "-e", EXERCISE, "-e", "namespaces/pid")
        assert done.returncode == 3
        assert f"{EXERCISE} is not staged on seat-01." in done.stderr
        again = f"./bancada solve seat-01 -e {EXERCISE} -e namespaces/pid"
        assert f"next:  ./bancada stage seat-01 -e {EXERCISE}; then {again}\n" in done.stderr
        assert "passed    seat-01  namespaces/pid" in done.stdout  # the next one was solved all the same
    finally:
        bancada("reset", "seat-01", "-e", "namespaces/pid", "--yes")
        bancada("stage", "seat-01")


@pytest.mark.whole
def test_dead_docker_is_an_error_never_a_failure(bancada: Bancada, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "exercises", tmp_path / "exercises")
    folder = tmp_path / "exercises" / EXERCISE
    file = folder / "exercise.yml"
    file.write_text(file.read_text().replace("needs: []", "needs: [docker]"))
    (folder / "proof.json").unlink(missing_ok=True)
    bancada.environment["BANCADA_EXERCISES"] = str(tmp_path / "exercises")
    try:
        digest = subprocess.run(
            [ROOT / ".venv/bin/python", "-c", "import sys; from pathlib import Path; from bancada.course import *;"
             "print(read_exercise(Path(sys.argv[1]))[0].digest)", folder],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        (folder / "proof.json").write_text(json.dumps({"digest": digest}))
        assert check(bancada, "-e", EXERCISE)["verdict"] == "failed"
        stuck = "sudo docker info >/dev/null && sudo systemctl kill --signal=STOP docker.service"
        assert bancada("ssh", "seat-01", stuck).returncode == 0
        done = bancada("check", "seat-01", "-e", EXERCISE)
        assert done.returncode == 3 and "Docker gave no answer in time on this seat" in done.stdout
        done = bancada("stage", "seat-01", "-e", "docker/volumes")
        assert done.returncode == 3 and "what it holds by now cannot be noted" in done.stderr
        bancada("ssh", "seat-01", "sudo systemctl kill --signal=CONT docker.service")
        bancada("ssh", "seat-01", "sudo systemctl stop docker.socket docker.service")
        done = bancada("check", "seat-01", "-e", EXERCISE)
        assert done.returncode == 3
        assert "Docker is not usable on this seat: docker.socket is inactive" in done.stdout
        assert "0 passed, 0 failed, 1 error" in done.stdout
    finally:
        del bancada.environment["BANCADA_EXERCISES"]
        bancada("ssh", "seat-01", "sudo systemctl start docker.socket")


@pytest.mark.whole
def test_lost_administrator_key_is_told_and_nothing_is_overwritten(bancada: Bancada) -> None:
    key = bancada.class_state / "keys" / "admin"
    key.rename(key.with_name("hidden"))
    try:
        for words in (["up"], ["check"], ["prove", "-e", EXERCISE], ["up", "seat-02", "--bare"]):
            done = bancada(*words)
            assert done.returncode == 3, words
            assert "The class's administrator key is lost" in done.stdout + done.stderr
        assert not key.exists()
    finally:
        key.with_name("hidden").rename(key)


@pytest.mark.whole
def test_two_ups_at_once(bancada: Bancada) -> None:
    with bancada.halted("up", "seat-02", moment="before crun create") as first:
        second = bancada("up", "seat-02")
    _, said = first.communicate(timeout=120)
    assert second.returncode == 3
    assert "This class is busy: `bancada up` has been running since" in second.stderr
    assert "next:  wait for it to end" in second.stderr
    assert first.returncode == 0, said
    assert bancada("down", "seat-02", "--yes").returncode == 0


def podman(*words: str) -> str:
    return subprocess.run([*AS_ROOT, "podman", *words], check=True, capture_output=True, text=True).stdout


def machine(bancada: Bancada, seat: str) -> str:
    (found,) = json.loads(bancada("status", seat, "--json").stdout)["seats"]
    return str(found["machine"])


# What students do to a seat that is theirs: Docker at each boot, as its own page says, and a unit that fails there.
MY_OWN = r"""
sudo systemctl enable docker.service
printf '[Service]\nExecStart=/bin/false\n[Install]\nWantedBy=multi-user.target\n' >mine.service
sudo mv mine.service /etc/systemd/system
sudo systemctl enable mine.service
"""


@pytest.mark.whole
def test_seat_whose_making_was_killed_is_made_anew_and_one_that_was_stopped_goes_on(bancada: Bancada) -> None:
    """Killed before its first start, so that it may have neither host key nor ours. What its student changed, once it
    is theirs, is no failure when it starts again."""
    container = bancada.container("seat-02")
    labels = [f"bancada.owner={(bancada.class_state / 'owner').read_text()}", "bancada.seat=seat-02"]
    image = podman("inspect", "-f", "{{.ImageName}}", bancada.container("seat-01")).strip()
    words = [word for label in [*labels, "bancada.host-key=ssh-ed25519 AAAA"] for word in ("--label", label)]
    podman("create", "--name", container, *words, "--publish", "127.0.0.1::22", image, "/lib/systemd/systemd")
    assert machine(bancada, "seat-02") == "half-made"
    done = bancada("up", "seat-02")
    assert done.returncode == 0 and "created" in done.stdout, done.stdout + done.stderr
    bancada("ssh", "seat-02", "touch work")
    podman("pause", container)
    assert machine(bancada, "seat-02") == "paused"
    done = bancada("up", "seat-02")
    assert done.returncode == 0 and "started" in done.stdout, done.stdout + done.stderr
    bancada("ssh", "seat-02", MY_OWN)
    podman("pause", container)
    assert bancada("down", "--halt", "seat-02").returncode == 0
    done = bancada("up", "seat-02")
    assert done.returncode == 0 and "ready" in done.stdout, done.stdout + done.stderr
    assert "! seat-02 is not as new, but can be used:" in done.stderr, done.stderr
    assert "mine.service" in done.stderr and "Docker starts at boot" in done.stderr, done.stderr
    assert "nothing to do" in bancada("up", "seat-02").stdout
    _broken_and_mended(bancada, "seat-02")
    _not_restored_where_none_could_be_made(bancada, "seat-02")
    assert bancada("ssh", "seat-02", "ls work").stdout == "work\n"
    assert bancada("down", "seat-02", "--yes").returncode == 0


def _broken_and_mended(bancada: Bancada, seat: str) -> None:
    """What was seen not to be ready is not taken for ready by the next `up`, though that has nothing to do."""
    bancada("ssh", seat, "sudo systemctl mask --now docker.socket docker.service")
    podman("pause", bancada.container(seat))
    for _ in range(2):
        done = bancada("up", seat)
        assert done.returncode == 3 and "Docker cannot be used" in done.stderr, done.stdout + done.stderr
    done = bancada("up", "--bare", seat)
    assert done.returncode == 3 and f"{seat} is prepared and given to its student" in done.stderr, done.stderr
    bancada("ssh", seat, "sudo systemctl unmask docker.socket docker.service; sudo systemctl start docker.socket")
    assert "nothing to do" in bancada("up", seat).stdout


def _not_restored_where_none_could_be_made(bancada: Bancada, seat: str) -> None:
    if UNIFIED.exists():  # nothing stands in the way there, so it would be
        return
    variables = bancada.inventory / "group_vars" / "all.yml"
    before = variables.read_text()
    variables.write_text(before.replace("bancada_trust_students: true\n", ""))
    try:
        done = bancada("restore", seat, "--yes")
    finally:
        variables.write_text(before)
    assert done.returncode == 3 and f"./bancada up --trust-students {seat}" in done.stderr, done.stderr
    assert "restoring" not in done.stderr and machine(bancada, seat) == "running"


def test_down_of_all_takes_what_a_kill_left_and_seats_that_the_inventory_no_longer_names(fresh: Bancada) -> None:
    assert fresh("up", "seat-02", "--bare", timeout=1800).returncode == 0
    sockets, *_ = re.findall(r"ControlPath \"?(/.*)/", (fresh.class_state / "ssh_config").read_text())
    assert Path(sockets).is_dir()
    (fresh.inventory / "hosts.yml").write_text("all:\n  hosts:\n    seat-01:\n")
    done = fresh("down", "--all", "--yes")
    assert done.returncode == 0 and "Gone: seat-02." in done.stdout, done.stderr
    listed = subprocess.run(
        [*AS_ROOT, "podman", "ps", "--all", "--format", "{{.Names}}"], capture_output=True, text=True, check=True
    )
    assert fresh.container("seat-02") not in listed.stdout.split()
    assert not Path(sockets).exists()


@contextmanager
def unreachable_seat(bancada: Bancada) -> Iterator[None]:
    """Within, seat-01 runs but nobody enters it, by an open connection neither."""
    inside = [*AS_ROOT, "podman", "exec", bancada.container("seat-01")]
    subprocess.run([*inside, "systemctl", "stop", "ssh"], check=True)
    for alias in ("seat-01", "student.seat-01"):
        subprocess.run(["ssh", "-F", bancada.class_state / "ssh_config", "-O", "exit", alias], check=False)
    try:
        yield
    finally:
        subprocess.run([*inside, "systemctl", "start", "ssh"], check=True)


@pytest.mark.whole
def test_unreachable_seat_is_an_error_never_a_failure(bancada: Bancada) -> None:
    with unreachable_seat(bancada):
        done = bancada("check", "seat-01", "-e", EXERCISE, "--json")
        assert done.returncode == 3
        (result,) = json.loads(done.stdout)["results"]
        assert result["verdict"] == "error"
        assert "seat-01 cannot be reached over SSH" in result["tests"][0]["found"]["en"]


@pytest.mark.whole
def test_a_seat_that_cannot_be_reached_does_not_stop_the_others(bancada: Bancada) -> None:
    assert bancada("up", "seat-02").returncode == 0
    with unreachable_seat(bancada):
        for verb, done_there in (("reset", "1"), ("stage", "1"), ("solve", "passed")):
            done = bancada(verb, "-e", EXERCISE, *["--all", "--yes"] * (verb == "reset"))
            assert done.returncode == 3, done.stdout + done.stderr
            assert "seat-01 cannot be reached over SSH" in done.stderr
            assert f"; then ./bancada {verb} seat-01" in done.stderr
            there = next(line for line in done.stdout.splitlines() if "seat-02" in line)
            assert done_there in there and "failed" not in there, done.stdout
    assert bancada("down", "seat-02", "--yes").returncode == 0
