"""A process in a uts namespace of its own has the seat's hostname changed for itself alone."""

from __future__ import annotations

from types import SimpleNamespace

from bancada.evidence import Evidence, Process
from bancada.judge import T, expect


def hostname_seen_by(seat: Evidence, process: Process) -> str:
    names = seat.uts_of(process)
    return names.hostname if names else "?"


def test_a_process_lives_in_a_uts_namespace_of_its_own(seat: Evidence) -> None:
    in_container = [process for process in seat.processes.outside("uts") if process.container]
    expected = T(
        "a process that runs in a uts namespace other than the seat's own ({inode})",
        "um processo rodando em um uts namespace que não seja o da própria bancada ({inode})",
        inode=seat.init.ns["uts"],
    )
    found = T(
        "all processes that you started are in the seat's own uts namespace: if there was another, nobody keeps it",
        "todos os processos que você iniciou estão no uts namespace da própria bancada: se houve outro, "
        "ninguém o mantém vivo",
    )
    if in_container:
        found = T(
            "a container of Docker's has one ({pid} {command}); this exercise is done without Docker",
            "um contêiner do Docker tem um ({pid} {command}); este exercício se faz sem o Docker",
            pid=in_container[0].pid,
            command=in_container[0].command,
        )
    expect(seat.processes.by_hand().outside("uts"), expected, found)


def test_the_new_namespace_has_the_hostname(seat: Evidence, variant: SimpleNamespace) -> None:
    inside = seat.processes.by_hand().outside("uts")
    expected = T(
        "hostname {hostname} in the uts namespace of your process",
        "hostname {hostname} no uts namespace do seu processo",
        hostname=variant.hostname,
    )
    found = T(
        "no process of yours is in a uts namespace of its own",
        "nenhum processo seu está em um uts namespace próprio",
    )
    if inside:
        process = inside[0]
        values = {"pid": process.pid, "command": process.command, "hostname": hostname_seen_by(seat, process)}
        found = T("process {pid} ({command}) sees {hostname}", "o processo {pid} ({command}) vê {hostname}", **values)
        if values["hostname"] == seat.hostname:
            found = T(
                "process {pid} ({command}) is in a new namespace, but sees {hostname}, the same as the seat: a new "
                "one begins as a copy",
                "o processo {pid} ({command}) está em um namespace novo, mas vê {hostname}, igual à bancada: o novo "
                "começa como cópia",
                **values,
            )
    expect(any(hostname_seen_by(seat, process) == variant.hostname for process in inside), expected, found)


def test_the_seat_keeps_its_own_hostname(seat: Evidence, variant: SimpleNamespace) -> None:
    before = seat.baselines.get("namespaces/uts")
    expect(
        seat.hostname == before.hostname if before else seat.hostname != variant.hostname,
        expected=T(
            "the hostname {hostname} in the seat's own uts namespace, as before",
            "o hostname {hostname} no uts namespace da própria bancada, como antes",
            hostname=before.hostname if before else "?",
        ),
        found=T(
            "the seat's own uts namespace ({inode}) has the hostname {hostname}: it was set outside of the new one",
            "o uts namespace da própria bancada ({inode}) tem o hostname {hostname}: ele foi definido fora do novo",
            inode=seat.init.ns["uts"],
            hostname=seat.hostname,
        ),
    )
