"""A lesson at a stock computer, step by step as its teacher types it, each with what it said and how long it took."""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from computer import CHECKOUT, PERSON, Computer

HERE = Path(__file__).parent
LONG = 3 * 3600
"""Seconds for one verb: bake and the whole course are slow where a computer is emulated."""

UNTIL_BOOT = re.compile(
    r"[+-] (module |firewall |sysctl net\.|(active|mount|place) /?run[-/](netns|runc|crun)"
    r"|podman-image localhost/bancada/)"
)
"""What Podman leaves of its network until the next boot, and the image that was there before the lesson began."""

PODMANS = re.compile(r"\+ place /var/lib/(cni|containers/cache)(/|$)")
"""What Podman keeps for itself from its first use on: empty folders, and a cache of names."""

SEATS_SAY = """
sudo podman ps --all
for seat in $(sudo podman ps --quiet); do sudo podman exec $seat journalctl --priority warning --no-pager; done
"""


@dataclass
class Step:
    """One thing that was done, and whether it ended as it must."""

    name: str
    seconds: float
    outcome: str
    fault: str = ""


@dataclass
class Lesson:
    """Runs commands at a computer, and keeps what each said in a file. `setting` is put before each `./bancada`."""

    computer: Computer
    log: Path
    setting: str = ""
    steps: list[Step] = field(default_factory=list)

    def arrive(self, before: str = "") -> None:
        """Bring the checkout, after a command in her home that makes the computer another one than it comes as."""
        if before:
            done = self.computer.run(before)
            self._write(f"$ {before}\n{done.stdout}\n")
            self.note(
                f"before: `{before}`", f"exit {done.returncode}", fault=done.stdout[-200:] * bool(done.returncode)
            )
        self.computer.bring_checkout()

    def at(self, name: str, command: str, *, ends: int = 0, timeout: float = LONG) -> str:
        """Do one step from the checkout; what it said."""
        started = time.monotonic()
        done = self.computer.run(f"cd ~/{shlex.quote(CHECKOUT)} && {command}", timeout=timeout)
        took = time.monotonic() - started
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        fault = "" if done.returncode == ends else f"ended with {done.returncode}, not {ends}: {' / '.join(lines[-3:])}"
        self._write(f"$ {command}\n{done.stdout}\n# ended with {done.returncode} after {took:.0f} s\n\n")
        self.note(name, f"exit {done.returncode}", took, fault)
        return done.stdout

    def bancada(self, *words: str, ends: int = 0) -> str:
        """One verb."""
        return self.at(f"`./bancada {' '.join(words)}`", f"{self.setting}./bancada {shlex.join(words)}", ends=ends)

    def note(self, name: str, outcome: str, seconds: float = 0, fault: str = "") -> None:
        """Keep that this was done, or seen; with a fault where it is not as it must be."""
        self.steps.append(Step(name, seconds, outcome, fault))
        self._write(f"## {name}: {outcome}{f'  FAULT: {fault}' if fault else ''}\n")
        print(f"{seconds:6.0f} s  {name}: {outcome}{f'  FAULT: {fault}' if fault else ''}", flush=True)

    def expect(self, name: str, holds: bool, otherwise: str) -> None:
        """Keep that this was seen."""
        self.note(name, "yes" if holds else "no", fault="" if holds else otherwise)

    def verdicts(self, *words: str, ends: int) -> dict[str, str]:
        """Check seat-01: the verdict of each exercise."""
        said = self.bancada("check", "seat-01", "--json", *words, ends=ends)
        try:
            document = json.loads(said[said.index("{") : said.rindex("}") + 1])
            found = {result["exercise"]: str(result["verdict"]) for result in document["results"]}
        except (ValueError, KeyError):
            return {}
        self.note(
            "verdicts", ", ".join(f"{list(found.values()).count(it)} {it}" for it in ("passed", "failed", "error"))
        )
        return found

    def snapshot(self, name: str) -> list[str]:
        """What the computer is."""
        started = time.monotonic()
        with (HERE / "snapshot.sh").open("rb") as script:
            done = self.computer.run(f"bash -s -- {shlex.quote(f'/home/{PERSON}/{CHECKOUT}')}", stdin=script)
        lines = sorted(set(done.stdout.splitlines()))
        self.log.with_suffix(f".{name}").write_text("\n".join(lines) + "\n")
        self.note(f"snapshot {name}", f"{len(lines)} lines", time.monotonic() - started,
                  "" if done.returncode == 0 else f"ended with {done.returncode}")  # fmt: skip
        return lines

    def _write(self, text: str) -> None:
        with self.log.open("a", encoding="utf-8") as file:
            file.write(text)

    @property
    def faults(self) -> list[str]:
        return [f"{step.name}: {step.fault}" for step in self.steps if step.fault]

    def table(self) -> str:
        """All steps, in Markdown."""
        rows = [
            f"| {step.name} | {step.seconds:.0f} s | {step.outcome}{f'; **{step.fault}**' if step.fault else ''} |"
            for step in self.steps
        ]
        return "\n".join(["| step | took | outcome |", "| --- | ---: | --- |", *rows])


def differences(before: list[str], after: list[str]) -> list[str]:
    """What came (+) and what went (-)."""
    came, went = set(after) - set(before), set(before) - set(after)
    return sorted([f"+ {line}" for line in came] + [f"- {line}" for line in went], key=lambda line: line[2:])


NOBODY = str(2**32 - 1)
"""In /proc/PID/loginuid of whom nobody's login began: proc_pid_loginuid(5)."""


def whole(lesson: Lesson, *, reboot: bool = True, image: bool = False, prove: Sequence[str] = ()) -> None:
    """From a clone to `down`: nothing done, all done, one taken back, the computer booted anew, and left as it was.

    With `image` the store of images is the file system on /dev/vdb, where the baked one lies. The
    exercises of `prove` are proven there.
    """
    lesson.at(
        "what the computer is",
        "cat /etc/debian_version; uname -r; stat -fc %T /sys/fs/cgroup; git log --oneline -1",
    )
    audited = lesson.at("who audit says that we are", "cat /proc/self/loginuid; echo").split()
    lesson.expect("a login is noted by this kernel's audit", audited not in ([], [NOBODY]), "no seat is kept from it")
    lesson.bancada("--yes", "doctor")
    if reboot:  # the first boot is unlike all others
        _reboot(lesson)
    if image:
        store = "/var/lib/containers/storage"
        lesson.at("the store with the baked image", f"sudo mkdir -p {store} && sudo mount /dev/vdb {store}")
    was = lesson.snapshot("before")
    lesson.bancada("--yes", "up")
    if not lesson.faults:
        _work(lesson, reboot=reboot)
        if prove:
            lesson.bancada("prove", *(word for exercise in prove for word in ("--exercise", exercise)))
    else:
        lesson.at("what the seats say", SEATS_SAY)
    said = lesson.bancada("down", "--all", "--yes")
    for undo in re.findall(r"To take it away: (.*)", said):
        lesson.at("what `down` says takes away the rest", undo)
    lesson.at("nothing came into the clone", 'git status --porcelain; test -z "$(git status --porcelain)"')
    lesson.at("what down left", "sudo podman ps -a; sudo podman volume ls; sudo podman image ls")
    if reboot:
        _reboot(lesson)
    changed = [line for line in differences(was, lesson.snapshot("after")) if not PODMANS.match(line)]
    if not reboot:
        changed = [line for line in changed if not UNTIL_BOOT.match(line)]
    lesson.log.with_suffix(".changed").write_text("\n".join(changed) + "\n")
    lesson.expect("the computer is as before", not changed, f"{len(changed)} differences: {' / '.join(changed[:5])}")


def _work(lesson: Lesson, *, reboot: bool) -> None:
    ids = lesson.at("the ids of a seat", 'sudo podman exec "$(sudo podman ps --quiet)" cat /proc/1/uid_map').split()
    lesson.expect("its root is nobody here", len(ids) == 3 and ids[1] != "0" and ids[2] == "65536", " ".join(ids))
    second = lesson.bancada("up")
    lesson.expect("a second up finds all as it must be", "Nothing changed" in second, "it did something")
    untouched = lesson.verdicts(ends=1)
    lesson.expect("nothing done is all red", set(untouched.values()) == {"failed"}, _other(untouched, "failed"))
    lesson.bancada("solve", "seat-01")
    solved = lesson.verdicts(ends=0)
    lesson.expect("all done is all green", set(solved.values()) == {"passed"}, _other(solved, "passed"))
    lesson.at("the clock is set back by a day", "sudo date --set '1 day ago'")
    # No other exercise makes a namespace of this type, so nobody else's processes go with it.
    one = "namespaces/time"
    lesson.bancada("reset", "seat-01", "-e", one, "--yes")
    taken = lesson.verdicts(ends=1)
    wanted = {**solved, one: "failed"}
    lesson.expect("reset of one takes back that one", taken == wanted, str(set(taken.items()) ^ set(wanted.items())))
    if not reboot:
        return
    lesson.bancada("ssh", "seat-01", "echo mine >work.txt")
    _reboot(lesson)
    lesson.bancada("up")
    said = lesson.bancada("ssh", "seat-01", "cat work.txt")
    lesson.expect("the student's file is there", said.strip().endswith("mine"), said[-200:])
    again = lesson.verdicts(ends=1)
    lesson.expect(
        "no verdict is an error after the boot", bool(again) and "error" not in again.values(), _other(again, "passed")
    )


def _reboot(lesson: Lesson) -> None:
    started = time.monotonic()
    lesson.computer.reboot()
    lesson.note("reboot of the computer", "SSH answers", time.monotonic() - started)


def _other(found: dict[str, str], wanted: str) -> str:
    return ", ".join(f"{name} {verdict}" for name, verdict in found.items() if verdict != wanted) or "no verdict at all"
