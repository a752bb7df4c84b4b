"""Who shares which namespace, found out by inode; and a process that joined two namespaces of another one."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import get_args

from bancada.evidence import Evidence, Process
from bancada.evidence.processes import NsType
from bancada.judge import T, Text, expect

NAME = "namespaces/enter-and-find"
UNIT = "bancada-enter-and-find.service"
"""Keeps the four processes that are to be found."""


def the_four(seat: Evidence) -> dict[str, Process]:
    """Those that staging started, by name; empty where their service does not run."""
    return {process.name: process for process in seat.processes.where(lambda process: process.unit == UNIT)}


def answer(seat: Evidence) -> list[str] | None:
    """The words of the answer; None where there is no file."""
    folder = seat.folder(NAME)
    file = folder.files.get("answer.txt") if folder else None
    return re.split(r"[\s,;]+", (file.text or "").strip()) if file else None


def wanted(variant: SimpleNamespace) -> list[str]:
    """The types that are to be joined."""
    return str(variant.join).split()


def shared(process: Process, target: Process, types: list[str]) -> list[str]:
    return [kind for kind in types if process.ns.get(kind) == target.ns.get(kind)]


def joined(seat: Evidence, variant: SimpleNamespace) -> list[Process]:
    """The student's processes that are together with the target; the one that shares most types comes first."""
    target = the_four(seat).get(variant.target)
    if not target:
        return []
    theirs = seat.processes.by_hand().where(lambda process: process.unit != UNIT)
    found = theirs.where(lambda process: shared(process, target, wanted(variant)))

    def distance(process: Process) -> tuple[int, int]:
        return -len(shared(process, target, wanted(variant))), len(apart(seat, process, others(variant)))

    return sorted(found, key=distance)


def others(variant: SimpleNamespace) -> list[str]:
    """The types that are not to be joined."""
    return [kind for kind in get_args(NsType) if kind not in wanted(variant)]


def apart(seat: Evidence, process: Process, types: list[str]) -> list[str]:
    """Those of the types of which the process has another namespace than the seat."""
    return [kind for kind in types if process.ns.get(kind) != seat.init.ns.get(kind)]


def missing(seat: Evidence, name: str) -> Text | None:
    """What to say where a process of the exercise itself is not there."""
    if name in the_four(seat):
        return None
    return T(
        "{name} does not run; `sudo systemctl restart {unit}` starts the four anew",
        "{name} não está rodando; `sudo systemctl restart {unit}` inicia os quatro de novo",
        name=name,
        unit=UNIT,
    )


def nobody(seat: Evidence, variant: SimpleNamespace) -> Text:
    return missing(seat, variant.target) or T(
        "no process of yours shares a namespace of these types with {target}",
        "nenhum processo seu compartilha um namespace desses tipos com {target}",
        target=variant.target,
    )


def test_the_answer_names_who_shares_the_namespace(seat: Evidence, variant: SimpleNamespace) -> None:
    said = answer(seat)
    four = the_four(seat)
    asked = four.get(variant.name)
    right = {name for name, process in four.items() if asked and shared(process, asked, [variant.type])}
    unknown = [word for word in said or [] if word not in four]
    found = T("there is no answer.txt in the folder", "não há nenhum answer.txt na pasta")
    if problem := missing(seat, variant.name):
        found = problem
    elif said == [""]:
        found = T("answer.txt is empty", "o answer.txt está vazio")
    elif unknown:
        found = T(
            "answer.txt names {word}, and none of the four processes of this seat is called so",
            "o answer.txt cita {word}, e nenhum dos quatro processos desta bancada se chama assim",
            word=unknown[0],
        )
    elif said:
        found = T(
            "answer.txt names {said}: these are not all, or not the right ones",
            "o answer.txt cita {said}: não são todos, ou não são os certos",
            said=", ".join(said),
        )
    expect(
        asked and said and {*said, variant.name} == right,
        expected=T(
            "in answer.txt the names of those that share the {type} namespace with {name}, and no others",
            "em answer.txt, os nomes de quem compartilha o {type} namespace com {name}, e nenhum outro",
            type=variant.type,
            name=variant.name,
        ),
        found=found,
    )


def test_a_process_of_yours_joined_the_named_one(seat: Evidence, variant: SimpleNamespace) -> None:
    found = nobody(seat, variant)
    elsewhere = seat.processes.by_hand().where(
        lambda process: process.unit != UNIT and apart(seat, process, wanted(variant))
    )
    if variant.target in the_four(seat) and elsewhere:
        process = elsewhere[0]
        foreign = apart(seat, process, wanted(variant))
        company = [one.name for one in the_four(seat).values() if shared(process, one, foreign)]
        values = {"pid": process.pid, "command": process.command}
        found = T(
            "process {pid} ({command}) is in a namespace that none of the four is in: a new one, or one from before "
            "they were made anew",
            "o processo {pid} ({command}) está em um namespace em que nenhum dos quatro está: um novo, ou um de antes "
            "de eles serem refeitos",
            **values,
        )
        if company:
            found = T(
                "process {pid} ({command}) has joined {company}, not {target}",
                "o processo {pid} ({command}) entrou nos de {company}, não nos de {target}",
                company=", ".join(company),
                target=variant.target,
                **values,
            )
    expect(
        joined(seat, variant),
        expected=T(
            "a running process of yours in a namespace of {target}'s, of type {types}",
            "um processo seu rodando em um namespace de {target}, do tipo {types}",
            target=variant.target,
            types=" / ".join(wanted(variant)),
        ),
        found=found,
    )


def test_it_joined_each_of_the_namespaces(seat: Evidence, variant: SimpleNamespace) -> None:
    found = nobody(seat, variant)
    target = the_four(seat).get(variant.target)
    candidates = joined(seat, variant)
    if target and candidates:
        process = candidates[0]
        found = T(
            "process {pid} ({command}) shares only {types} with {target}",
            "o processo {pid} ({command}) só compartilha {types} com {target}",
            pid=process.pid,
            command=process.command,
            types=", ".join(shared(process, target, wanted(variant))),
            target=variant.target,
        )
    expect(
        target and any(shared(process, target, wanted(variant)) == wanted(variant) for process in candidates),
        expected=T(
            "one process in the namespaces of both types, {types}, of {target}'s",
            "um mesmo processo nos namespaces dos dois tipos, {types}, de {target}",
            types=", ".join(wanted(variant)),
            target=variant.target,
        ),
        found=found,
    )


def test_it_joined_no_others(seat: Evidence, variant: SimpleNamespace) -> None:
    found = nobody(seat, variant)
    candidates = joined(seat, variant)
    if candidates:
        found = T(
            "process {pid} ({command}) is apart from the seat also in {types}",
            "o processo {pid} ({command}) está separado da bancada também em {types}",
            pid=candidates[0].pid,
            command=candidates[0].command,
            types=", ".join(apart(seat, candidates[0], others(variant))),
        )
    expect(
        candidates and not apart(seat, candidates[0], others(variant)),
        expected=T(
            "of all types but {types}, the seat's own namespaces",
            "de todos os tipos, fora {types}, os namespaces da própria bancada",
            types=", ".join(wanted(variant)),
        ),
        found=found,
    )
