"""Whether seats are ready: a new one in every respect, one that was in use for what the class needs."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from bancada.reach.run import run
from bancada.seats.ansible.playbook import environment
from bancada.seats.bench import Bench
from bancada.words.errors import BenchError

STATES = Path(__file__).parent / "states"
USABLE, READY = "test_usable", "test_ready"
BOOT_SECONDS = 60
HOST = re.compile(r"\[ssh://([^\]]+)\]")


@dataclass
class Look:
    """What the tests said of one seat: the sentences of those that failed."""

    unseen: list[str]
    """Tests that did not run, which shows nothing."""
    unusable: list[str] = field(default_factory=list)
    """What the class cannot do without."""
    changed: list[str] = field(default_factory=list)
    """What is not as on a new seat."""

    def error(self, seat: str, *, new: bool, where: str) -> BenchError | None:
        """Why the seat is not ready. What a student changed since is no reason."""
        why = [*self.unusable, *(self.changed if new else [])]
        if not why and self.unseen:
            more = f", nor did {len(self.unseen) - 1} more" if self.unseen[1:] else ""
            why = [f"it was not seen so, as {self.unseen[0]} did not run{more}"]
        if not why:
            return None
        return BenchError(
            f"The seat is up but not ready: {why[0]}", where=where, next=f"mend that by ./bancada ssh --admin {seat}"
        )


def look(bench: Bench, seats: Sequence[str]) -> dict[str, Look]:
    """Run the testinfra tests of these seats. Raises BenchError where they cannot be run at all."""
    hosts = ",".join(f"ssh://{seat}" for seat in seats)
    patience = bench.provider.patience
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        done = run(
            [
                sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=line", "-p", "no:cacheprovider",
                f"--ssh-config={bench.cls.state.plain_ssh_config()}", "--sudo", f"--junit-xml={report}",
                f"--hosts={hosts}",
                *(str(STATES / f"{name}.py") for name in (USABLE, READY)),
            ],
            cwd=bench.project.root,
            env={**environment(bench.project, bench.cls), "BANCADA_BOOT_SECONDS": str(round(BOOT_SECONDS * patience))},
            timeout=300 * patience,
            check=False,
        )  # fmt: skip
        if not report.exists():
            raise BenchError(f"The seat is up, but cannot be tested: {done.last_words}", where=str(STATES))
        cases = list(ElementTree.parse(report).iter("testcase"))
    text = "".join((STATES / f"{name}.py").read_text(encoding="utf-8") for name in (USABLE, READY))
    every = re.findall(r"^def (test_\w+)", text, re.MULTILINE)
    found = {seat: Look(list(every)) for seat in seats}
    for case in cases:
        seat, file = HOST.search(case.get("name", "")), case.get("classname", "").rpartition(".")[2]
        name = case.get("name", "").partition("[")[0]
        if seat is None or seat[1] not in found or case.find("skipped") is not None:
            continue
        if name in found[seat[1]].unseen:
            found[seat[1]].unseen.remove(name)
        for broken in (*case.iter("failure"), *case.iter("error")):
            why = (broken.get("message") or "a test broke").splitlines()[0].removeprefix("AssertionError: ")
            (found[seat[1]].unusable if file == USABLE else found[seat[1]].changed).append(why)
    return found
