"""The command line of the program on the seat: one JSON document out; a refusal is {"error": …} and exit code 1."""

import json
import re
import sys
from collections.abc import Callable
from typing import Any

from bancada.onseat.seatside.base import PACE, Refusal, slowness
from bancada.onseat.seatside.collect import collect
from bancada.onseat.seatside.pristine import baseline, reset, stage
from bancada.onseat.seatside.processes import see_through_proc
from bancada.onseat.seatside.snapshot import snapshot

COMMANDS: dict[str, Callable[..., Any]] = {
    "collect": collect, "baseline": baseline, "stage": stage, "reset": reset, "snapshot": snapshot,
}  # fmt: skip


PROBLEMS = (Refusal, OSError, LookupError, TypeError, ValueError)


def told(problem: Exception) -> str:
    return str(problem) if isinstance(problem, Refusal) else f"{type(problem).__name__}: {problem}"


def run_each(run: Callable[..., Any], requests: list[Any]) -> tuple[Any, int]:
    """One that fails does not stop the others; what is said then is which failed, and why."""
    each, failed = [], []
    for request in requests:
        try:
            each.append(run(request))
        except PROBLEMS as problem:
            failed.append(f"{request.get('name', request)}: {told(problem)[:300]}")
    if failed:
        return {"error": {"message": "; ".join(failed)[:2000]}}, 1
    return {"changed": any(one["changed"] for one in each), "each": each}, 0


def main(command: str = "", *arguments: str) -> int:
    try:
        run = COMMANDS.get(command)
        if run is None:
            raise Refusal(f"unknown command {command!r}: one of {', '.join(COMMANDS)}")
        PACE["patience"] = slowness()
        given = arguments if command == "baseline" else [json.loads(argument) for argument in arguments]
        see_through_proc(keep=command in ("collect", "snapshot"))
        if given and isinstance(given[0], list):
            answer, code = run_each(run, given[0])
        else:
            answer, code = run(*given), 0
    except PROBLEMS as problem:
        answer, code = {"error": {"message": told(problem)}}, 1
    # file names may hold any bytes, and probes' answers halves of characters; what is printed is UTF-8 in any locale
    whole = re.sub("[\ud800-\udc7f\udd00-\udfff]", "\ufffd", json.dumps(answer, ensure_ascii=False))
    printed = whole.encode("utf-8", "surrogateescape")
    sys.stdout.buffer.write(printed.decode("utf-8", "replace").encode() + b"\n")
    return code
