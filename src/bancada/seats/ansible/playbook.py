"""Runs our playbooks on seats and says what they changed, or in one sentence why they failed."""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bancada.inventory import Class
from bancada.reach.paths import Project
from bancada.reach.run import Completed, log_path, run
from bancada.words.errors import BenchError, to_read

MATTERS: Mapping[str, Sequence[str]] = {
    "prepare": (
        "Ensure the kernel gives what the exercises need",
        "Ensure the student may do anything through sudo",
        "Ensure the socket that wakes Docker up",
    ),
    "personal": ("Ensure only the student's keys enter as the student",),
    "stage": ("Ensure the folders and the texts are there",),
    "reset": ("Ensure their processes, mounts and files are gone",),
}
"""By playbook, the tasks without which it did nothing that counts: each seat must have done them."""
ON_EXERCISES = ("stage", "reset")
"""Playbooks that have nothing to do for a seat without exercises."""

EVENT_BYTES = 64 * 2**20
"""How much Ansible may tell: some 120 bytes for each task on each seat."""


@dataclass
class Played:
    """What a run of playbooks did. `changed` counts tasks by seat; `tasks` names the changing ones, as seat: task.

    `done` names, by seat, all tasks that it did, without the role's name before them.
    """

    changed: dict[str, int] = field(default_factory=dict)
    tasks: list[str] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    done: dict[str, set[str]] = field(default_factory=dict)

    @property
    def failed(self) -> dict[str, BenchError]:
        """Why each seat that failed did, by seat."""
        first: dict[str, dict[str, str]] = {}
        for failure in self.failures:
            first.setdefault(failure["host"], failure)
        return {host: _failure([failure]) for host, failure in first.items()}


def play(
    project: Project,
    cls: Class,
    playbooks: Sequence[str],
    variables: Mapping[str, Mapping[str, Any]],
    *,
    on_task: Callable[[str], None] | None = None,
    timeout: float = 3600,
    go_on: bool = False,
) -> Played:
    """Run `playbooks/<name>.yml` in order, in one process, on the seats that `variables` has values for.

    The seat's variables win over the inventory's. Raises BenchError for the first seat that failed; the other seats
    were finished before that. With `go_on` it raises for none of them: `failed` tells why each did. A seat of which
    nothing was heard, or on which what matters was not done, failed as well: silence is no success.
    """
    played = Played()

    def read(line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            return
        _take(played, event, on_task)

    with tempfile.TemporaryDirectory() as folder:
        extra = Path(folder) / "seats.json"
        hosts = {seat: _ours(seat) | _given(own) for seat, own in variables.items()}
        extra.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
        done = run(
            [
                sys.executable, "-m", "ansible", "playbook", "-i", str(cls.inventory), "-i", str(extra),
                "--limit", ",".join(variables),
                *(str(project.root / "playbooks" / f"{name}.yml") for name in playbooks),
            ],
            env=environment(project, cls) | {"ANSIBLE_STDOUT_CALLBACK": "bancada_events"},
            cwd=project.root,
            timeout=timeout,
            check=False,
            on_line=read,
            limit=EVENT_BYTES,
        )  # fmt: skip
    if not done.ok and not played.failures:
        raise BenchError(f"Ansible failed: {_why(done)}", where=", ".join(playbooks), next=_log())
    told = played.failed
    played.failures += [
        silence
        for seat, own in variables.items()
        if seat not in told and (silence := _silence(project, played, seat, playbooks, own))
    ]
    if played.failures and not go_on:
        raise _failure(played.failures)
    return played


def _silence(
    project: Project, played: Played, seat: str, playbooks: Sequence[str], own: Mapping[str, Any]
) -> dict[str, str] | None:
    """What these playbooks should have done on this seat and did not; None where all is well."""
    for playbook in playbooks:
        wanted = () if playbook in ON_EXERCISES and not own.get("exercise_items") else MATTERS[playbook]
        undone = [task for task in wanted if task not in played.done.get(seat, ())]
        if undone or not played.done.get(seat) or seat not in played.changed:
            path = str(project.root / "playbooks" / f"{playbook}.yml")
            message = "Ansible told of no failure, and this was not done"
            return {
                "event": "silent", "host": seat, "task": [*undone, playbook][0], "path": path, "message": message,
                "detail": "",
            }  # fmt: skip
    return None


def _given(own: Mapping[str, Any]) -> dict[str, Any]:
    """A seat's variables as they go to Ansible. Those of the class may be templates, as its owner wrote them; what is
    said of exercises is text, whatever a task shows of other programs' templates, as of docker's --format."""
    return {name: _literal(value) if name == "exercise_items" else value for name, value in own.items()}


def _literal(value: Any) -> Any:
    """This value, and in it Ansible's mark of text that is no template."""
    match value:
        case str() if any(mark in value for mark in ("{{", "{%", "{#")):
            return {"__ansible_unsafe": value}
        case list() | tuple():
            return [_literal(one) for one in value]
        case dict():
            return {key: _literal(one) for key, one in value.items()}
    return value


UNSET = (
    *("port", "ssh_port", "user", "ssh_user", "password", "ssh_pass", "ssh_password", "control_path"),
    *("ssh_private_key_file", "private_key_file", "ssh_private_key", "private_key", "ssh_transfer_method"),
    *("ssh_args", "ssh_common_args", "ssh_extra_args", "sftp_extra_args", "scp_extra_args"),
    *("ssh_executable", "sftp_executable", "scp_executable", "ssh_pkcs11_provider", "scp_if_ssh"),
)
"""All else that an inventory may say of how a host is entered: ansible-doc --type connection ssh."""


def _ours(seat: str) -> dict[str, Any]:
    """Ansible comes in by our ssh_config alone, whatever the inventory says for a person to enter the machine by: on
    any other way it would prepare, stage and reset another machine, this computer among them."""
    fixed = {"ansible_connection": "ssh", "ansible_host": seat, "ansible_ssh_host": seat}
    return fixed | {f"ansible_{name}": None for name in UNSET}


def environment(project: Project, cls: Class) -> dict[str, str]:
    """What Ansible must be told to reach this class's seats."""
    return {
        "ANSIBLE_CONFIG": str(project.root / "ansible.cfg"),
        "ANSIBLE_HOME": str(project.ansible_home()),
        "ANSIBLE_SSH_ARGS": f"-F {shlex.quote(str(cls.state.ssh_config))}",
        "ANSIBLE_NOCOLOR": "1",
    }


def _take(played: Played, event: dict[str, Any], on_task: Callable[[str], None] | None) -> None:
    match event.get("event"):
        case "task":
            if on_task:
                on_task(event["name"])
        case "done":
            played.done.setdefault(event["host"], set()).add(event["task"].rpartition(" : ")[2])
            if event["changed"]:
                played.tasks.append(f"{event['host']}: {event['task']}")
        case "failed" | "unreachable":
            played.failures.append(event)
        case "stats":
            played.changed = {host: counts["changed"] for host, counts in event["hosts"].items()}


def _failure(failures: list[dict[str, str]]) -> BenchError:
    first = failures[0]
    message = " ".join(first["message"].split())
    others = sorted({failure["host"] for failure in failures} - {first["host"]})
    also = f" (also failed: {', '.join(others)})" if others else ""
    if first["event"] == "unreachable":
        return BenchError(
            f"{first['host']} cannot be reached: {message}{also}", where=first["task"], next="./bancada up"
        )
    detail = first["detail"].strip().splitlines()
    tail = f" {detail[-1].strip()}" if detail and detail[-1].strip() not in message else ""
    return BenchError(
        f"On {first['host']}: {message}{tail}{also}", where=f"{first['task']} ({first['path']})", next=_log()
    )


def _why(done: Completed) -> str:
    lines = [line for line in done.stdout.splitlines() if line.strip() and not line.startswith("{")]
    return " ".join(" ".join(lines[-6:]).split()) or f"exit code {done.code}"


def _log() -> str:
    return to_read(log_path()) if log_path() else ""
