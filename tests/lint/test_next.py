"""Every `next:` leads somewhere: what it tells people to type is a verb with such options, or a program of Debian's."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bancada.cli.main import cli
from bancada.providers.vagrant.command import CAUSES
from bancada.seats.bake import MIRROR_TROUBLES

ROOT = Path(__file__).parents[2]
ADVICE = {"next": None, "mend": None, "Lack": 1, "Diagnosis": 3}
"""Keyword arguments, and calls with the place of the argument, that tell people what to do."""
PROGRAMS = {
    "chmod": "coreutils", "ss": "iproute2", "df": "coreutils", "du": "coreutils", "ls": "coreutils", "mv": "coreutils",
    "echo": "coreutils", "fuser": "psmisc", "git": "git", "grep": "grep", "less": "less", "ps": "procps",
    "rm": "coreutils", "ssh": "openssh-client", "ssh-keygen": "openssh-client", "sudo": "sudo", "kill": "procps",
    "export": "dash", "date": "coreutils", "free": "procps", "virsh": "libvirt-clients",
    ".venv/bin/ansible-inventory": "our own .venv",
}  # fmt: skip
"""What people may be told to type beside our verbs, and the package that has it."""
PROSE = (
    "as root:", "close", "compare", "do", "give", "go on", "install", "look", "mend", "name", "on the machine",
    "one of", "put", "rename", "see", "set", "take", "type", "wait", "write",
)  # fmt: skip
"""What a sentence begins with that is no command."""
LATER = "/x"
"""Stands for what is only known later, and could be anything."""
SAMPLES = {"typed_also": "./bancada down --all", "name": "namespaces/uts", "seat": "seat-01", "verb": "up"}
HARMLESS = ("git status", "df -h", ".venv/bin/ansible-inventory")
VERB = re.compile(r"\./bancada ([^;,&]+)")


def said(node: ast.expr) -> list[str]:
    """What this expression may say, with samples for what is only known later."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return ["".join(said(value)[0] if said(value) else "x" for value in values)]
        case ast.FormattedValue(value=value):
            written = ast.unparse(value)
            return said(value)[:1] or [next((sample for word, sample in SAMPLES.items() if word in written), LATER)]
        case ast.IfExp(body=body, orelse=orelse):
            return said(body) + said(orelse)
        case ast.BoolOp(values=values):
            return [text for value in values for text in said(value)]
        case ast.BinOp(left=left):
            return [f"{text.rstrip()} x" if text.endswith(" ") else text for text in said(left)]
    return []


def advice() -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            given = [keyword.value for keyword in node.keywords if keyword.arg in ("next", "mend")]
            place = ADVICE.get(getattr(node.func, "id", ""))
            given += node.args[place : place + 1] if place is not None else []
            for value in given:
                for text in said(value):
                    if text:
                        yield f"{file.relative_to(ROOT)}:{node.lineno} {getattr(node.func, 'id', '')}", text
    for table, ways in (("MIRROR_TROUBLES", MIRROR_TROUBLES.values()), ("CAUSES", [mend for _, _, mend in CAUSES])):
        yield from ((table, text) for text in ways if text)


ALL = sorted(set(advice()))


def test_there_is_advice() -> None:
    assert len(ALL) > 60


@pytest.mark.parametrize(("where", "text"), ALL)
def test_advice_can_be_followed(where: str, text: str) -> None:
    for verb in VERB.findall(text):
        words = [word for word in shlex.split(verb) if word not in ("or", "and")]
        if words[0].startswith("-"):  # an option of all verbs, before what was typed
            continue
        assert words[0] in cli.commands, f"{where}: there is no verb {words[0]}"
        command = cli.commands[words[0]]
        context = click.Context(command, info_name=words[0], resilient_parsing=True)
        command.make_parser(context).parse_args(words[1:])
    begins = text.split()[0].rstrip(";")
    known = begins in PROGRAMS or text.startswith(("./bancada ", LATER, *PROSE))
    assert known, f"{where}: neither a command nor a sentence that is known as one: {text}"


def test_what_doctor_says_leads_not_back_to_doctor() -> None:
    told = [(where, text) for where, text in ALL if where.endswith((" Lack", " Diagnosis"))]
    assert len(told) >= 15
    assert not [where for where, text in told if "bancada doctor" in text]


@pytest.mark.parametrize("command", sorted({text for _, text in ALL if text.startswith(HARMLESS)}))
def test_harmless_advice_works(command: str) -> None:
    first = re.split(r"[;,]", command)[0].replace(LATER, str(ROOT / "inventory")).replace("namespaces/uts", "seat-01")
    done = subprocess.run(shlex.split(first), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
