"""The command line of the program on the seat: one JSON document out; a refusal is {"error": …} and exit code 1."""

import json
import sys
from collections.abc import Callable
from typing import Any

from bancada.evidence.seatside.base import Refusal
from bancada.evidence.seatside.collect import collect
from bancada.evidence.seatside.pristine import baseline, reset, stage
from bancada.evidence.seatside.processes import see_through_proc
from bancada.evidence.seatside.snapshot import snapshot

COMMANDS: dict[str, Callable[..., Any]] = {
    "collect": collect, "baseline": baseline, "stage": stage, "reset": reset, "snapshot": snapshot,
}  # fmt: skip


def main(command: str = "", *arguments: str) -> int:
    try:
        run = COMMANDS.get(command)
        if run is None:
            raise Refusal(f"unknown command {command!r}: one of {', '.join(COMMANDS)}")
        given = arguments if command == "baseline" else [json.loads(argument) for argument in arguments]
        see_through_proc(keep=command in ("collect", "snapshot"))
        if given and isinstance(given[0], list):
            each = [run(one) for one in given[0]]
            answer, code = {"changed": any(one["changed"] for one in each), "each": each}, 0
        else:
            answer, code = run(*given), 0
    except (Refusal, OSError, LookupError, TypeError, ValueError) as problem:
        kind = "" if isinstance(problem, Refusal) else f"{type(problem).__name__}: "
        answer, code = {"error": {"message": f"{kind}{problem}"}}, 1
    # file names may hold any bytes; what is printed is UTF-8 in any locale
    printed = json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogateescape")
    sys.stdout.buffer.write(printed.decode("utf-8", "replace").encode() + b"\n")
    return code
