"""The seat-side program on a real seat, and processes started there as a student would."""

from __future__ import annotations

import base64
import gzip
import json
import shlex
from typing import Any

from testinfra.host import Host

from bancada.evidence import Evidence, Process
from bancada.onseat.seatside import program

ROOT = "/home/student/exercises"
ONE, TWO = "proof/one", "proof/two"
CLAIMS = ("mnt", "uts", "ipc", "pid", "net", "user", "cgroup", "time", "root", "docker")


class Seat:
    """The seat-side program's commands, and processes that are started as a student would."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def sh(self, script: str) -> str:
        """Run as root, by bash, in one round trip."""
        done = self.host.run("sudo -n bash -c %s", f"set -eu; {script}")
        assert done.rc == 0, done.stderr
        return str(done.stdout)

    def stat(self, path: str) -> str:
        """Kind, owner and size; "" where there is nothing."""
        return self.sh(f"stat --format='%F %U %s' {path} 2>/dev/null || true").strip()

    def ask(self, command: str, argument: Any) -> Any:
        return json.loads(self.said(command, argument))

    def said(self, command: str, argument: Any) -> str:
        words = argument if isinstance(argument, str) else json.dumps(argument)
        # As a word of the command, which the kernel ends at 128 KiB: execve(2).
        sent = base64.b64encode(gzip.compress(program().encode())).decode()
        done = self.host.run(f"echo {sent} | base64 -d | gunzip | sudo -n python3 - {command} {shlex.quote(words)}")
        assert done.stdout, done.stderr
        return str(done.stdout)

    def evidence(self, **more: Any) -> Evidence:
        wanted = {"exercises_root": ROOT, "exercises": [ONE, TWO], **more}
        return Evidence.from_json(self.said("collect", wanted))

    def stage(self, name: str, **more: Any) -> Any:
        return self.ask("stage", {"name": name, "folder": f"{ROOT}/{name}", "user": "student", **more})

    def reset(self, name: str, *claims: str) -> Any:
        return self.ask("reset", {"name": name, "folder": f"{ROOT}/{name}", "claims": claims})

    def start(self, name: str, command: str, sign: str, folder: str = "") -> Process:
        """Start something that stays, from the exercise's folder; the process with `sign` in its command line."""
        self.sh(f"cd {folder or f'{ROOT}/{name}'}; setsid {command} </dev/null >/dev/null 2>&1 &")
        wait = f"for _ in $(seq 100); do pgrep -f -x {shlex.quote(sign)} && exit; sleep 0.05; done; exit 1"
        pid = int(self.sh(wait).split()[-1])
        return self.evidence().processes.with_(pid=pid)[0]

    def lives(self, process: Process) -> bool:
        return bool(self.evidence().processes.with_(pid=process.pid, start=process.start))
