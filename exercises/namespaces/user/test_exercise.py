"""An ordinary user's process is root of a user namespace of its own, and has done there what only root may."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence, Process
from bancada.judge import T, expect

ALL_CAPABILITIES = (1 << 38) - 1
"""Those that every kernel of today has: up to CAP_AUDIT_READ of capability.h."""
OVERFLOW = 65534
NOBODY = T(
    "no process of yours is in a user namespace of its own",
    "nenhum processo seu está em um user namespace próprio",
)


def inside(seat: Evidence) -> list[Process]:
    return list(seat.processes.by_hand().outside("user"))


def made_by_student(probe: Any, process: Process) -> bool:
    maker = probe["maker"].get(str(process.pid))
    return bool(process.uid == maker == probe["student"])


def likeliest(seat: Evidence, probe: Any) -> list[Process]:
    """Who is looked at: the student's own, or else whoever is in such a namespace."""
    found = inside(seat)
    return [process for process in found if made_by_student(probe, process)] or found


def root_outside(process: Process) -> int | None:
    """Who uid 0 of its user namespace is for the seat; None where nobody is."""
    return next((outside for first, outside, _ in process.uid_map if first == 0), None)


def written(process: Process) -> str:
    return ", ".join(" ".join(map(str, line)) for line in process.uid_map)


def test_a_process_lives_in_a_user_namespace_of_its_own(seat: Evidence, probe: Any) -> None:
    found = T(
        "all processes that you started are in the seat's own user namespace: if there was another, nobody keeps it",
        "todos os processos que você iniciou estão no user namespace da própria bancada: se houve outro, ninguém o "
        "mantém vivo",
    )
    as_root = seat.processes.by_hand().outside("uts").with_(uid=0)
    if as_root:
        found = T(
            "process {pid} ({command}) has another uts namespace, but it runs as root of the seat itself, in the "
            "seat's own user namespace",
            "o processo {pid} ({command}) tem outro uts namespace, mas roda como root da própria bancada, no user "
            "namespace dela",
            pid=as_root[0].pid,
            command=as_root[0].command,
        )
    expect(
        inside(seat),
        expected=T(
            "a process that runs in a user namespace other than the seat's own ({inode})",
            "um processo rodando em um user namespace que não seja o da própria bancada ({inode})",
            inode=seat.init.ns["user"],
        ),
        found=found,
    )


def test_an_ordinary_user_made_it(seat: Evidence, probe: Any) -> None:
    found = NOBODY
    if candidates := inside(seat):
        process = candidates[0]
        values = {"pid": process.pid, "command": process.command, "uid": process.uid}
        found = T(
            "process {pid} ({command}) is uid {uid} for the seat",
            "o processo {pid} ({command}) é o uid {uid} para a bancada",
            **values,
        )
        if process.uid == probe["student"]:
            found = T(
                "process {pid} ({command}) is uid {uid} for the seat, but its user namespace was made by uid {maker}",
                "o processo {pid} ({command}) é o uid {uid} para a bancada, mas o user namespace dele foi criado pelo "
                "uid {maker}",
                maker=probe["maker"].get(str(process.pid)),
                **values,
            )
    expect(
        any(made_by_student(probe, process) for process in inside(seat)),
        expected=T(
            "a user namespace made by uid {student}, the student, with a process that is uid {student} for the seat",
            "um user namespace criado pelo uid {student}, o estudante, com um processo que é o uid {student} para a "
            "bancada",
            student=probe["student"],
        ),
        found=found,
    )


def test_root_inside_is_you_outside(seat: Evidence, probe: Any) -> None:
    candidates = likeliest(seat, probe)
    found = NOBODY
    if candidates:
        process = candidates[0]
        values = {"pid": process.pid, "command": process.command, "map": written(process)}
        found = T(
            "the uid_map of process {pid} ({command}) says: {map}",
            "o uid_map do processo {pid} ({command}) diz: {map}",
            **values,
        )
        if not process.uid_map:
            found = T(
                "the uid_map of process {pid} ({command}) is empty: inside, everybody is uid {overflow}",
                "o uid_map do processo {pid} ({command}) está vazio: lá dentro, todos são o uid {overflow}",
                pid=process.pid,
                command=process.command,
                overflow=OVERFLOW,
            )
    expect(
        any(root_outside(process) == probe["student"] for process in candidates),
        expected=T(
            "a line in the uid_map that makes uid 0 inside uid {student} outside",
            "uma linha no uid_map que faça do uid 0 de dentro o uid {student} de fora",
            student=probe["student"],
        ),
        found=found,
    )


def test_it_has_the_capabilities_of_root(seat: Evidence, probe: Any) -> None:
    candidates = likeliest(seat, probe)
    found = NOBODY
    if candidates:
        process = candidates[0]
        values = {"pid": process.pid, "command": process.command, "mask": f"{process.caps['Eff']:016x}"}
        found = T(
            "process {pid} ({command}) has CapEff {mask}",
            "o processo {pid} ({command}) tem CapEff {mask}",
            **values,
        )
        if not process.caps["Eff"] and root_outside(process) is not None:
            found = T(
                "process {pid} ({command}) is uid 0 inside, but has CapEff {mask}: it was not root yet when its "
                "program was started, or gave them away",
                "o processo {pid} ({command}) é o uid 0 lá dentro, mas tem CapEff {mask}: ainda não era root quando o "
                "programa dele começou, ou abriu mão delas",
                **values,
            )
    expect(
        any(process.caps["Eff"] & ALL_CAPABILITIES == ALL_CAPABILITIES for process in candidates),
        expected=T(
            "a process in the user namespace with all capabilities in its effective set",
            "um processo no user namespace com todas as capabilities no conjunto efetivo",
        ),
        found=found,
    )


def test_root_inside_set_the_hostname(seat: Evidence, probe: Any, variant: SimpleNamespace) -> None:
    candidates = likeliest(seat, probe)

    def has_name(process: Process) -> bool:
        names = seat.uts_of(process)
        return bool(names and names.hostname == variant.hostname)

    def owns_it(process: Process) -> bool:
        return bool(probe["owner_of_uts"].get(str(process.pid)) == process.ns["user"])

    found = NOBODY
    if candidates:
        process = next((one for one in candidates if owns_it(one)), candidates[0])
        names = seat.uts_of(process)
        values = {"pid": process.pid, "command": process.command, "name": names.hostname if names else "?"}
        found = T(
            "process {pid} ({command}) sees the hostname {name}",
            "o processo {pid} ({command}) vê o hostname {name}",
            **values,
        )
        if process.ns["uts"] == seat.init.ns["uts"]:
            found = T(
                "process {pid} ({command}) is still in the seat's own uts namespace, which does not belong to its "
                "user namespace; the hostname there is {name}",
                "o processo {pid} ({command}) ainda está no uts namespace da própria bancada, que não pertence ao user "
                "namespace dele; o hostname ali é {name}",
                **values,
            )
        elif not owns_it(process):
            found = T(
                "process {pid} ({command}) sees the hostname {name}, but its uts namespace belongs to another user "
                "namespace: root inside may not change it",
                "o processo {pid} ({command}) vê o hostname {name}, mas o uts namespace dele pertence a outro user "
                "namespace: o root de dentro não pode mexer nele",
                **values,
            )
    expect(
        any(has_name(process) and owns_it(process) for process in candidates),
        expected=T(
            "the hostname {name} in a uts namespace that belongs to the new user namespace",
            "o hostname {name} em um uts namespace que pertença ao novo user namespace",
            name=variant.hostname,
        ),
        found=found,
    )
