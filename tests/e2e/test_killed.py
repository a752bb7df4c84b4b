"""Every verb may be stopped at any moment and typed again: it goes on from what is there, and loses nothing."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from conftest import AS_ROOT, ROOT, Bancada, wait_for

from bancada.course import load_catalog

pytestmark = pytest.mark.whole

EXERCISE = "namespaces/uts"
PLAY = "/bin/sh"
"""In the words of each ssh that Ansible runs."""
JUDGED = (1, "0 passed, 3 failed, 0 error")
BROKEN = (3, "0 passed, 0 failed, 3 error")


def judged(bancada: Bancada) -> tuple[str, str]:
    (result,) = json.loads(bancada("check", "seat-01", "-e", EXERCISE, "--json").stdout)["results"]
    return result["verdict"], result["state"]


def test_killed_after_any_command_a_verb_goes_on_from_there(bancada: Bancada) -> None:
    verbs = {  # in an order in which each has something to do; and what is then seen
        "reset": ("failed", "pristine"),
        "stage": None,  # solve would refuse
        "solve": ("passed", "solved"),
    }
    commands: dict[str, int] = {}
    for number in itertools.count(1):
        for verb, then in verbs.items():
            words = [verb, "seat-01", "-e", EXERCISE, *["--yes"] * (verb == "reset")]
            if verb not in commands:
                done = bancada.ended(*words, moment=f"SIGKILL after {number}")
                if done.returncode != -signal.SIGKILL:
                    commands[verb] = number - 1  # it runs no more than these, so it was killed after each of them
            done = bancada(*words)
            assert done.returncode == 0, (verb, number, done.stdout + done.stderr)
            assert then is None or judged(bancada) == then, (verb, number)
        if len(commands) == len(verbs):
            break
    assert min(commands.values()) >= 2, commands
    assert bancada("reset", "seat-01", "-e", EXERCISE, "--yes").returncode == 0
    assert bancada("stage", "seat-01", "-e", EXERCISE).returncode == 0


@contextmanager
def waiting_for_ever(folder: Path, bancada: Bancada, verb: list[str], words: str) -> Iterator[subprocess.Popen[str]]:
    """A verb that is under way, at the ssh whose words hold these: that one never ends by itself."""
    ssh = shutil.which("ssh")
    programs, pid = folder / "bin", folder / "pid"
    programs.mkdir()
    script = f'case "$*" in *{words}*) echo $$ >{pid}.new; mv {pid}.new {pid}; exec sleep 600 ;; esac; exec {ssh} "$@"'
    (programs / "ssh").write_text(f"#!/bin/sh\n{script}\n")
    (programs / "ssh").chmod(0o755)
    bancada.environment["PATH"] = f"{programs}:{os.environ['PATH']}"
    try:
        running = bancada.start(*verb)
    finally:
        del bancada.environment["PATH"]
    try:
        wait_for(lambda: pid.exists() or running.poll() is not None, 300)
        assert running.poll() is None, running.communicate()
        yield running
        # Nothing that it began goes on without it; Ansible's workers (sessions of their own) end with their connection.
        if words != PLAY:
            wait_for(lambda: not Path(f"/proc/{pid.read_text().strip()}").exists(), 10)
    finally:
        running.kill()
        if pid.exists() and Path(f"/proc/{pid.read_text().strip()}").exists():
            os.kill(int(pid.read_text()), signal.SIGKILL)


@pytest.mark.parametrize(
    ("verb", "words", "stop"),
    [
        (["reset", "--yes"], PLAY, signal.SIGTERM),
        (["stage"], PLAY, signal.SIGINT),
        (["solve"], "student.seat-01", signal.SIGTERM),
        (["check"], "seat-01", signal.SIGINT),
        (["prove", "--yes"], PLAY, signal.SIGINT),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_interrupted_while_a_seat_keeps_it_waiting(
    bancada: Bancada, tmp_path: Path, verb: list[str], words: str, stop: signal.Signals
) -> None:
    verb = [verb[0], "seat-01", "-e", EXERCISE, *verb[1:]]
    if verb[0] == "stage":
        assert bancada("reset", "seat-01", "-e", EXERCISE, "--yes").returncode == 0
    with waiting_for_ever(tmp_path, bancada, verb, words) as running:
        if stop is signal.SIGINT:
            os.killpg(running.pid, stop)  # as a terminal does
        else:
            running.send_signal(stop)  # as a person with `kill`
        _, said = running.communicate(timeout=20)
    assert running.returncode == 130, said
    assert "Interrupted. Type the same command again" in said and "Traceback" not in said, said
    done = bancada(*verb)
    assert done.returncode == (1 if verb[0] == "check" else 0), done.stdout + done.stderr
    if verb[0] != "check":
        assert bancada("reset", "seat-01", "-e", EXERCISE, "--yes").returncode == 0
        assert bancada("stage", "seat-01", "-e", EXERCISE).returncode == 0


def test_killed_check_leaves_no_judge_and_loses_nothing(bancada: Bancada, tmp_path: Path) -> None:
    """It is killed while its second exercise is judged, whose check never ends."""
    assert bancada("check", "seat-01").returncode == 1
    exercises = tmp_path / "exercises"
    shutil.copytree(ROOT / "exercises", exercises)
    folder = exercises / EXERCISE
    check = folder / "test_exercise.py"
    check.write_text(check.read_text() + "\n\nimport time\n\ntime.sleep(600)\n")
    (folder / "proof.json").write_text(json.dumps({"digest": load_catalog(exercises)[EXERCISE].digest}))
    before = bancada.verdicts()
    bancada.environment["BANCADA_EXERCISES"] = str(exercises)
    try:
        running = bancada.start("check", "seat-01")
    finally:
        del bancada.environment["BANCADA_EXERCISES"]
    ours: list[int] = []

    def it_hangs() -> bool:
        """Whether the newest of its processes, of which most live for milliseconds, has been there before."""
        was = list(ours)
        with suppress(OSError):  # one has ended meanwhile
            ours[:] = _below(running.pid)
        time.sleep(0.5)
        return running.poll() is not None or (len(ours) >= 3 and ours == was)

    wait_for(it_hangs)
    os.killpg(running.pid, signal.SIGKILL)
    out, said = running.communicate()
    assert running.returncode == -signal.SIGKILL, out + said
    wait_for(lambda: not [pid for pid in ours if Path(f"/proc/{pid}").exists()])
    assert bancada.verdicts() == before
    assert bancada("check", "seat-01").returncode == 1


def _below(pid: int) -> list[int]:
    """The processes that judge for this one: it starts them, and each of them starts the next."""
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, listed.read_text().split()):
            found += [child] * ("bancada.judge.worker" in Path(f"/proc/{child}/cmdline").read_text()) + _below(child)
    return sorted(found)


def test_killed_stage_leaves_no_ansible_behind(bancada: Bancada) -> None:
    def ansible() -> list[str]:
        argv = ["pgrep", "-f", f"ansible playbook -i {bancada.inventory}"]
        listed = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=False)
        return listed.stdout.split()

    bancada("reset", "seat-01", "--yes")
    running = bancada.start("stage", "seat-01")
    wait_for(lambda: len(ansible()) >= 3)  # who watches over it, itself and a worker
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    wait_for(lambda: not ansible(), 10)
    assert bancada("stage", "seat-01").returncode == 0


def kill_seat(bancada: Bancada) -> None:
    subprocess.run([*AS_ROOT, "podman", "kill", bancada.container("seat-01")], check=True, capture_output=True)


def test_seat_killed_before_stage_reaches_it(bancada: Bancada) -> None:
    bancada("reset", "seat-01", "--yes")
    with bancada.halted("stage", "seat-01", moment="before ansible playbook") as running:
        kill_seat(bancada)
    _, said = running.communicate(timeout=120)
    assert running.returncode == 3, said
    assert "seat-01" in said and "next:" in said and "Traceback" not in said
    done = bancada("check", "seat-01")
    assert done.returncode == 3
    assert "seat-01 is not up." in done.stderr and "next:  ./bancada up seat-01" in done.stderr
    done = bancada("up")
    assert done.returncode == 0, done.stderr
    assert "started" in done.stdout and "staged" in done.stdout


@pytest.mark.parametrize(
    ("moment", "end"), [("before podman ps", None), ("after podman ps", BROKEN), ("after ssh", JUDGED)]
)
def test_seat_killed_during_check_costs_its_student_nothing(
    bancada: Bancada, moment: str, end: tuple[int, str] | None
) -> None:
    """It was judged before, or the bench is broken; the student is never blamed for what nobody could see."""
    try:
        with bancada.halted("check", "seat-01", moment=moment) as running:
            kill_seat(bancada)
        out, said = running.communicate(timeout=120)
        if end is None:
            assert running.returncode == 3 and "seat-01 is not up." in said, out + said
        else:
            assert (running.returncode, out.strip().splitlines()[-1]) == end, out + said
    finally:
        assert bancada("up").returncode == 0


def test_up_stopped_at_its_worst_moments_goes_on_from_there(fresh: Bancada) -> None:
    for moment in (
        "SIGINT before crun create",
        "SIGTERM after podman start",
        "SIGKILL before ansible playbook",
        "SIGINT after ansible playbook",
        "SIGKILL after pytest",
    ):
        done = fresh.ended("up", moment=moment)
        kill = signal.Signals[moment.split()[0]]
        assert done.returncode == (-kill if kill is signal.SIGKILL else 130), (moment, done.stderr)
    done = fresh("up")
    assert done.returncode == 0, done.stderr
    assert "Nothing changed" in fresh("up").stdout
