"""Ansible module: let the seat-side program stage or reset exercises, all of them in one call.

The program and what it is asked come to it by standard input: together they are longer than any argument may be.
"""

from __future__ import annotations

import json
import sys
from typing import Any

DOCUMENTATION = """
module: seatside
short_description: Stage or reset exercises by the seat-side program, in one call
description:
  - Runs the program once for all exercises. It compares before it writes, and says whether it changed anything.
  - In check mode O(command=stage) and O(command=mark) only compare, and O(command=reset) is skipped.
options:
  program:
    description: The text of the program, which takes its words from a first line that says C(ARGV = [...]).
    type: str
    required: true
  command:
    description:
      - V(stage) gives every exercise its folder and its texts, and a marker unless C(stage) is in its C(own).
      - V(mark) gives these their markers as well, once their own starting states are there.
      - V(reset) ends what the exercises left behind, and forgets that they were staged.
    type: str
    choices: [stage, mark, reset]
    required: true
  exercises:
    description: As exercise_items of the role.
    type: list
    elements: dict
    required: true
  user:
    description: Who owns the folders.
    type: str
    required: true
  home:
    description: Where the folders are.
    type: path
    required: true
"""

RETURN = """
each:
  description: What the program says of each exercise that it was asked about, in their order.
  type: list
  elements: dict
  returned: success
"""


def marker(exercise: dict[str, Any]) -> dict[str, Any]:
    """What the seat keeps of an exercise that stands there."""
    return {"name": exercise["name"], "digest": exercise["digest"], "variant": exercise.get("variant") or {}}


def requests(
    command: str, exercises: list[dict[str, Any]], *, user: str, home: str, check: bool
) -> tuple[str, list[dict[str, Any]]]:
    """The program's command, and what it is asked about each exercise."""
    asked = []
    for exercise in exercises:
        own_stage = "stage" in (exercise.get("own") or [])
        request = {
            "name": exercise["name"],
            "folder": f"{home}/{exercise['name']}",
            "claims": exercise.get("claims") or [],
        }
        if command == "stage":
            texts = exercise.get("texts") or {}
            request |= {"user": user, "check": check, "texts": texts, "marker": None if own_stage else marker(exercise)}
        elif command == "mark":
            request |= {"user": user, "check": check, "marker": marker(exercise)}
        if command != "mark" or own_stage:
            asked.append(request)
    return "reset" if command == "reset" else "stage", asked


def answer_of(code: int, stdout: str, stderr: str) -> dict[str, Any]:
    """What the program answered. Raises ValueError with what it refused, or with the last that was heard of it."""
    try:
        answer = json.loads(stdout.rstrip().rpartition("\n")[2])
    except ValueError:
        answer = None
    match answer:
        case {"error": {"message": str(message)}}:
            raise ValueError(message)
        case {"changed": bool(), "each": list()} if code == 0:
            return dict(answer)
    said = (stderr.strip() or stdout.strip()).splitlines() or [f"exit code {code}"]
    raise ValueError(f"The seat-side program gave no answer: {said[-1][:400]}")


def main() -> None:
    from ansible.module_utils.basic import AnsibleModule  # here, so that this can be read without Ansible

    options = {
        # not secret, but nothing that the seat's journal should hold at every staging
        "program": {"type": "str", "required": True, "no_log": True},
        "command": {"type": "str", "choices": ["stage", "mark", "reset"], "required": True},
        "exercises": {"type": "list", "elements": "dict", "required": True},
        "user": {"type": "str", "required": True},
        "home": {"type": "path", "required": True},
    }
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    given = module.params
    if module.check_mode and given["command"] == "reset":
        module.exit_json(changed=False, skipped=True, msg="What an exercise left behind is only known as it is ended.")
    command, asked = requests(
        given["command"], given["exercises"], user=given["user"], home=given["home"], check=module.check_mode
    )
    source = f"ARGV = {[command, json.dumps(asked)]!r}\n{given['program']}"
    code, stdout, stderr = module.run_command([sys.executable, "-"], data=source)
    try:
        answer = answer_of(code, stdout, stderr)
    except ValueError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=answer["changed"], each=answer["each"])


if __name__ == "__main__":
    main()
