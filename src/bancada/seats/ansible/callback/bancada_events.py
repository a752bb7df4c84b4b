"""An Ansible stdout callback that prints each event as one line of JSON, for bancada.seats.ansible.playbook to read.

Loading it also ties Ansible's life to ours: when the process that started Ansible dies, however it dies, Ansible and
its workers die too. Else they would go on changing seats whose lock nobody holds any more.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
from typing import Any

from ansible.plugins.callback import CallbackBase

PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


die_with_parent()
os.register_at_fork(after_in_child=die_with_parent)

DOCUMENTATION = """
    name: bancada_events
    type: stdout
    short_description: one line of JSON for each event
    description: Prints tasks, results and the recap as JSON lines.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "bancada_events"

    def _say(self, event: str, **values: object) -> None:
        print(json.dumps({"event": event, **values}, default=str), flush=True)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._say("task", name=task.get_name())

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        self._say("task", name=task.get_name())

    def v2_runner_on_ok(self, result: Any) -> None:
        changed = bool(result.result.get("changed"))
        self._say("done", host=result.host.get_name(), task=result.task.get_name(), changed=changed)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            self._failed("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._failed("unreachable", result)

    def _failed(self, event: str, result: Any) -> None:
        values = result.result
        items = [item for item in values.get("results", []) if item.get("failed")]
        source = items[0] if items else values
        message = str(source.get("msg") or "it failed without a word")
        detail = "\n".join(str(source[key]) for key in ("stderr", "stdout") if source.get(key))
        self._say(
            event,
            host=result.host.get_name(),
            task=result.task.get_name(),
            path=result.task.get_path(),
            message=message[:1000],
            detail=detail[-4000:],
        )

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._say("stats", hosts={host: stats.summarize(host) for host in sorted(stats.processed)})
