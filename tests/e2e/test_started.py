"""Whichever way a student starts a process and leaves it running, check finds it and reset ends it."""

from __future__ import annotations

import json
import subprocess
import time

import pytest
from conftest import ROOT, Bancada

pytestmark = pytest.mark.whole

NAME = "namespaces/uts"
HOLD = "unshare --uts sh -c 'hostname $0; exec sleep infinity' NAME"
WAYS = {
    "in the foreground of a second SSH session": f"sudo {HOLD}",
    "setsid": f"setsid sudo {HOLD} </dev/null >/dev/null 2>&1 &",
    "nohup": f"nohup sudo {HOLD} </dev/null >/dev/null 2>&1 &",
    "systemd-run": f"sudo systemd-run --quiet --collect {HOLD}",
    "systemd-run --scope": f"sudo setsid systemd-run --quiet --scope {HOLD} </dev/null >/dev/null 2>&1 &",
    "systemd-run --user": f"systemd-run --user --quiet unshare --user --map-root-user {HOLD.removeprefix('unshare ')}",
    "tmux": f"tmux -L mine new-session -d sudo {HOLD}",
}


@pytest.mark.parametrize("way", WAYS)
def test_process_is_found_and_ended_however_it_was_started(bancada: Bancada, way: str) -> None:
    evidence = json.loads(bancada("check", "seat-01", "-e", NAME, "--json").stdout)
    assert evidence["results"][0]["verdict"] == "failed"
    hostname = bancada("ssh", "seat-01", "grep -o 'banc-[a-z]*' exercises/namespaces/uts/TASK.md").stdout.strip()
    command = f"cd exercises/{NAME}; {WAYS[way].replace('NAME', hostname)}\nsleep 60"
    session = subprocess.Popen(["./bancada", "ssh", "seat-01", command], cwd=ROOT, env=bancada.env())
    try:
        until = time.monotonic() + 20
        verdict = ""
        while verdict != "passed" and time.monotonic() < until:
            said = json.loads(bancada("check", "seat-01", "-e", NAME, "--json").stdout)
            verdict = said["results"][0]["verdict"]
        assert verdict == "passed", said
    finally:
        done = bancada("reset", "seat-01", "-e", NAME, "--yes")
        left = bancada("ssh", "seat-01", "ps -eo args").stdout
        session.kill()
        session.wait()
        bancada("stage", "seat-01", "-e", NAME)
    assert done.returncode == 0 and "sleep infinity" not in left
