"""Vagrant's own command, through python-vagrant and our one run(): a time-out, a log, and the cause of a failure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import vagrant

from bancada.reach.run import CommandFailed, Completed, append, run
from bancada.words.errors import BenchError, to_read

# What Vagrant, vagrant-libvirt or VirtualBox print, what it means, and what to type. The first that fits is the cause.
CAUSES = [
    (
        r"(Failed to connect socket to|libvirt-sock').*(No such file|Connection refused|not exist)",
        "libvirt's daemon is not running.",
        "sudo systemctl start libvirtd",
    ),
    (
        r"(libvirt-sock.*Permission denied|authentication unavailable|no polkit agent)",
        "You may not use libvirt: you are not in its group.",
        "sudo adduser $USER libvirt; then log in anew",
    ),
    (
        r"(No usable default provider|provider '[^']+' could not be found|VirtualBox is complaining|vboxdrv)",
        "Vagrant has no provider that works here.",
        "./bancada doctor",
    ),
    (
        r"(No space left on device|ENOSPC|not enough (disk )?space)",
        "The disk became full half-way.",
        "df -h; then make room and type the same command again",
    ),
    (
        r"(checksum of the downloaded box did not match|checksum.*(mismatch|did not match))",
        "The box is not the one that was expected: its checksum is wrong.",
        "compare bancada_box_checksum with what the box's publisher says; then the same command again",
    ),
    (
        r"(The box '[^']*' could not be found|box .* couldn't be found|couldn't open file|Couldn't resolve host"
        r"|HTTP server returned|error occurred while downloading|URL using bad/illegal format)",
        "The box could not be had.",
        "look at bancada_box and bancada_box_url in the inventory; vagrant box list",
    ),
    (
        r"(already in use on the host|port collision|forwarded port to \d+ is already|Address already in use)",
        "A port that the machine needs is taken on this computer.",
        "ss -ltnp; then end who has it and type the same command again",
    ),
    (
        r"(Name `[^`]*` of domain about to create is already taken|domain '[^']*' already exists)",
        "A machine of that name exists already, and this class did not make it.",
        "virsh --connect qemu:///system list --all; then rename the class, or remove that machine yourself",
    ),
    (
        r"Volume for domain is already created|storage vol(ume)? .*(exists already|already exists)",
        "A disk of that name is left from a machine that this class does not know.",
        "virsh --connect qemu:///system vol-list default",
    ),
    (
        r"(cannot set up guest memory|Cannot allocate memory|not enough free memory)",
        "This computer has not enough memory for the machine.",
        "free -h; then close something, or make bancada_memory smaller",
    ),
    (
        r"(Timed out while waiting for the machine to boot|did not end within|IP address of the machine"
        r"|specified wait_for timeout)",
        "The machine did not come up to SSH in time.",
        "",
    ),
    (
        r"entered an invalid state while waiting",
        "The machine was stopped or paused by somebody else while it came up.",
        "type the same command again",
    ),
]


UNTYPED: Any = vagrant.Vagrant


class Vagrant(UNTYPED):  # type: ignore[misc]  # python-vagrant has no types
    """python-vagrant, whose commands end in time, are logged whole, and fail with their cause."""

    def __init__(self, root: Path, log: Path, environment: Mapping[str, str], seconds: float) -> None:
        super().__init__(root=str(root))
        self.log, self.environment, self.seconds = log, environment, seconds

    def _call_vagrant_command(self, args: Sequence[str | None]) -> None:
        self._run_vagrant_command(args)

    def _run_vagrant_command(self, args: Sequence[str | None]) -> str:
        argv: list[str] = self._make_vagrant_command(args)
        try:
            done = run(argv, timeout=self.seconds, check=False, env=self.environment, cwd=Path(self.root))
        except CommandFailed as error:
            done = error.done
        self._keep(done)
        if not done.ok:
            raise failure(done, self.log)
        return done.stdout

    def _keep(self, done: Completed) -> None:
        head = f"# {datetime.now():%Y-%m-%d %H:%M:%S}  {' '.join(done.argv)}  exit {done.code}\n"
        append(self.log, head + done.stdout + done.stderr + "\n")


def failure(done: Completed, log: Path) -> BenchError:
    """What went wrong, in one sentence, and what to type; Vagrant's own words where nothing is known of them."""
    text = done.stderr + "\n" + done.stdout
    for pattern, what, mend in CAUSES:
        if re.search(pattern, text, re.DOTALL | re.IGNORECASE):
            return BenchError(what, where=f"{log} (all that Vagrant said)", next=mend or to_read(log))
    said = " ".join(line.strip() for line in done.stderr.splitlines() if line.strip()) or done.last_words
    return BenchError(f"Vagrant failed: {said[:400]}", where=str(log), next=to_read(log))
