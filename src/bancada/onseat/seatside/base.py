"""What all parts use: refusals, small readings, commands."""

import ctypes
import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

STATE = Path("/var/lib/bancada/exercises")
EXERCISES = "/home/student/exercises"
LIMIT = 3000  # entries of one folder or root
UNITS = ("/usr/lib/systemd/system", "/lib/systemd/system")  # units that came with a package
IN_A_CONTAINER = "/run/systemd/container"  # systemd(1) writes there in which kind
KERNEL_THREAD = 0x00200000  # PF_KTHREAD in the flags of /proc/PID/stat
CONTAINER = re.compile(r"/(docker|cri-containerd)[-/][0-9a-f]{64}")
Facts = dict[str, Any]  # a JSON object
libc = ctypes.CDLL(None, use_errno=True)
PACE = {"patience": 1.0}  # how many times longer than on real hardware all may take; set once, by main


class Refusal(Exception):
    """What is said in one sentence instead of a traceback."""


def text(path: str | Path) -> str:
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "replace")


def document(path: Path) -> Any:
    """What a file says; None where it is absent, or no JSON."""
    try:
        return json.loads(text(path))
    except (OSError, ValueError, RecursionError):
        return None


def link(path: str) -> str | None:
    try:
        return os.readlink(path)
    except OSError:
        return None


def identity(path: str) -> list[int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_dev, found.st_ino]


def within(path: str | None, folder: str) -> bool:
    return path is not None and f"{path}/".startswith(folder.rstrip("/") + "/")


def systemctl(*arguments: str) -> subprocess.Popen[str]:
    command = ["systemctl", "--no-pager", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def patient(seconds: float) -> float:
    """That long on this seat: that an emulated machine is slow is no wrong answer of its student's."""
    return seconds * PACE["patience"]


def slowness() -> float:
    """How many times longer things take here now than on real hardware that is idle, at most 20: the machine may be
    emulated, and its cores may have others to serve."""
    began = time.thread_time()
    sum(range(10**6))
    speed = (time.thread_time() - began) / 0.03  # on hardware of 2015
    crowd = os.getloadavg()[0] / len(os.sched_getaffinity(0))
    return min(20.0, max(1.0, speed) * max(1.0, crowd))


def run(*argv: str, seconds: float = 10.0, input: str = "") -> Facts:
    """What a command said and how it ended; `code` 124 where it had to be stopped after `seconds`."""
    seconds = patient(seconds)
    try:
        done = subprocess.run(argv, capture_output=True, text=True, errors="replace", input=input, timeout=seconds)
    except subprocess.TimeoutExpired:
        return {"code": 124, "out": "", "err": f"{argv[0]} did not end within {seconds:g} s"}
    except OSError as problem:
        return {"code": 127, "out": "", "err": f"{argv[0]}: {problem.strerror}"}
    return {"code": done.returncode, "out": done.stdout, "err": done.stderr}


def failed_units(asked: subprocess.Popen[str]) -> list[str]:
    return sorted(line.split()[0] for line in asked.communicate()[0].splitlines() if line.strip())


def state_folder(name: str) -> Path:
    if not re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", name):
        raise Refusal(f"{name!r} is not the name of an exercise (topic/slug)")
    return STATE / name.replace("/", "--")
