"""How a command is waited for, read and ended: with all that it started, whoever ends it and however."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from bancada.reach import child
from bancada.reach import run as run_module
from bancada.reach.run import CommandFailed, run

SRC = Path(__file__).parents[2] / "src"
FAMILY = "sleep 600 & echo $! >{pids}.child; echo $$ >{pids}; wait"
"""A command with a child of its own, which tells the pids of both."""


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


class Family:
    def __init__(self, folder: Path) -> None:
        self.pids = folder / "pids"
        self.argv = ["sh", "-c", FAMILY.format(pids=self.pids)]

    def has_begun(self) -> bool:
        return self.pids.exists() and self.pids.read_text().endswith("\n")

    def is_gone(self) -> bool:
        pids = [int(file.read_text()) for file in (self.pids, self.pids.with_suffix(".child"))]
        return not any(is_alive(pid) for pid in pids)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def family(tmp_path: Path) -> Family:
    return Family(tmp_path)


def test_what_is_said_and_given_arrives_whole() -> None:
    given = os.urandom(300_000)
    done = run(["sh", "-c", "cat | od -An -v -tx1 | tr -d ' \\n'; echo heard >&2; exit 3"], input=given, check=False)
    assert (done.stdout, done.stderr, done.code) == (given.hex(), "heard\n", 3)


def test_a_command_without_input_reads_nothing() -> None:
    assert run(["cat"]).stdout == ""


def test_a_command_need_not_read_its_input() -> None:
    for _ in range(20):
        assert run(["sh", "-c", "exit 7"], input="line\n" * 100_000, check=False).code == 7


def test_a_command_gets_a_session_of_its_own_and_default_signals() -> None:
    told = run(["sh", "-c", "cut -d' ' -f6 /proc/$$/stat; grep SigIgn /proc/$$/status"]).stdout.split()
    assert int(told[0]) != os.getsid(0) and int(told[2], 16) & (1 << (signal.SIGINT - 1)) == 0


def test_lines_are_told_as_they_come() -> None:
    lines: list[str] = []
    done = run(["sh", "-c", "printf 'one\\ntw'; printf 'o\\n\\n' >&2; printf three"], on_line=lines.append)
    assert lines == ["one", "two", "", "three"] and done.stdout == "one\ntwo\n\nthree"


def ends_once(begun: Callable[[], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline has passed as soon as the command has begun, on whatever computer."""
    monkeypatch.setattr(child, "time", SimpleNamespace(monotonic=lambda: 1e6 * begun()))


@pytest.mark.parametrize("given", [None, "input"])
def test_a_time_out_ends_the_whole_family(family: Family, given: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    ends_once(family.has_begun, monkeypatch)
    with pytest.raises(CommandFailed, match="did not end within 600 s"):
        run(family.argv, timeout=600, input=given)
    wait_for(family.is_gone)


def test_who_ignores_the_wish_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "GRACE", 0.3)
    said = tmp_path / "said"
    ends_once(lambda: said.exists() and said.read_text().endswith("\n"), monkeypatch)
    with pytest.raises(CommandFailed, match="did not end within 600 s"):
        run(["sh", "-c", f"trap '' TERM; echo $$ >{said}; while :; do sleep 1; done"], timeout=600)
    assert not is_alive(int(said.read_text()))


def test_sudo_is_told_that_we_are_still_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would ask for the password anew in the middle of a bake, where nobody sees it ask."""
    said, slept = tmp_path / "said", []
    (tmp_path / "sudo").write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>{said}\nexit 1\n')
    (tmp_path / "sudo").chmod(0o755)

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) > 2:
            threading.Event().wait()  # it has done enough

    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(run_module, "time", SimpleNamespace(sleep=sleep))
    monkeypatch.setattr(run_module, "_keeping", threading.Lock())
    run_module._keep_ticket()
    run_module._keep_ticket()
    wait_for(lambda: len(slept) > 2)
    assert said.read_text() == "-n true\n-n true\n"
    assert all(60 <= seconds <= 300 for seconds in slept), "sooner than any sudo forgets, and not for ever at it"


@pytest.mark.parametrize("on_line", [None, lambda line: None], ids=["kept", "line by line"])
def test_endless_output_is_ended(on_line: Callable[[str], None] | None) -> None:
    with pytest.raises(CommandFailed, match="yes said more than 1 MiB of output and was ended"):
        run(["yes"], limit=2**20, on_line=on_line)


def test_output_that_a_daemon_holds_open_is_not_waited_for(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    started = time.monotonic()
    try:
        assert run(["sh", "-c", f"setsid sleep 600 & echo $! >{pid}; echo done"]).stdout == "done\n"
        assert time.monotonic() - started < 30
    finally:
        os.kill(int(pid.read_text()), signal.SIGKILL)


PROGRAM = """
import signal, sys, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from bancada.reach.child import interrupt
from bancada.reach.run import run
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, interrupt)
try:
    if sys.argv[1] == "threads":
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda argv: run(argv, timeout=600), [sys.argv[3:]]))
    else:
        run(sys.argv[3:], timeout=600)
except KeyboardInterrupt:
    Path(sys.argv[2]).write_text(run(["echo", "cleaned up"]).stdout)
"""


@pytest.mark.parametrize("where", ["main", "threads"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda n: n.name)
def test_whatever_ends_us_ends_the_whole_family(
    family: Family, tmp_path: Path, where: str, number: signal.Signals
) -> None:
    cleaned = tmp_path / "cleaned"
    us = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, where, str(cleaned), *family.argv], env={**os.environ, "PYTHONPATH": str(SRC)}
    )
    wait_for(family.has_begun)
    os.kill(us.pid, number)
    us.wait(30)
    wait_for(family.is_gone)
    assert number is signal.SIGKILL or cleaned.read_text() == "cleaned up\n"


def test_an_interrupted_thread_cleans_up_in_peace(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    def work() -> str:
        begun.set()
        try:
            run(["sleep", "600"], timeout=600)
        except KeyboardInterrupt:
            return run(["echo", "clean"]).stdout
        return "not interrupted"

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(work)
        begun.wait(20)
        with pytest.raises(KeyboardInterrupt):
            child.interrupt(signal.SIGINT, None)
        assert answer.result(30) == "clean\n"
