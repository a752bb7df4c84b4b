"""The moments that other tests rely on: the signal comes at the command that was named, once, and to nobody else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = """
import os
from bancada.reach.run import run
for word in "one", "two", "three":
    run(["sh", "-c", f"echo {word}; [ -z \\"${{BANCADA_MOMENT:-}}\\" ]"], on_line=lambda line: print(line, flush=True))
"""


def start(moment: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "BANCADA_MOMENT": moment}
    return subprocess.Popen([sys.executable, "-c", CODE], env=env, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("SIGKILL before 1", []),
        ("SIGKILL after 2", ["one", "two"]),
        ("SIGTERM before echo three", ["one", "two"]),
        ("SIGKILL after sh -c", ["one"]),
    ],
)
def test_it_dies_at_the_moment_that_was_named(moment: str, said: list[str]) -> None:
    process = start(moment)
    assert process.communicate(timeout=30)[0].split() == said
    assert process.returncode == -signal.Signals[moment.split()[0]]


@pytest.mark.parametrize("moment", ["", "SIGKILL after 4", "SIGKILL before echo four"])
def test_it_lives_where_the_moment_does_not_come(moment: str) -> None:
    process = start(moment)
    assert process.communicate(timeout=30)[0].split() == ["one", "two", "three"]
    assert process.returncode == 0


def test_it_stands_still_until_it_is_told_to_go_on() -> None:
    process = start("SIGSTOP after echo")
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    assert process.stdout is not None and process.stdout.readline() == "one\n"
    process.send_signal(signal.SIGCONT)
    assert process.communicate(timeout=30)[0].split() == ["two", "three"]
    assert process.returncode == 0
