"""A container in which nobody is root, nor can become it."""

from __future__ import annotations

from types import SimpleNamespace

from bancada.evidence import Evidence, Process
from bancada.judge import T, Text, expect

SETS = ("Inh", "Prm", "Eff", "Bnd", "Amb")


def of_container(seat: Evidence, name: str) -> list[Process]:
    """All its processes, those of docker exec included; none if it does not run."""
    container = seat.engine.container(name)
    first = next(iter(seat.processes.with_(pid=container["State"]["Pid"] if container else 0)), None)
    if not first:
        return []
    return list(seat.processes.where(lambda process: process.container and process.cgroup == first.cgroup))


def missing(seat: Evidence, name: str) -> Text:
    if seat.engine.container(name):
        return T("the container {name} does not run", "o contêiner {name} não está rodando", name=name)
    return T("Docker knows no container {name}", "o Docker não conhece nenhum contêiner {name}", name=name)


def test_all_its_processes_run_as_that_user(seat: Evidence, variant: SimpleNamespace) -> None:
    processes = of_container(seat, variant.name)
    others = [process for process in processes if process.uid != variant.uid]
    found = missing(seat, variant.name)
    if others:
        found = T(
            "process {pid} ({command}) runs as user {uid}",
            "o processo {pid} ({command}) roda como o usuário {uid}",
            pid=others[0].pid,
            command=others[0].command,
            uid=others[0].uid,
        )
    expect(
        processes and not others,
        expected=T(
            "all processes of the container {name} to run as user {uid}, as the seat counts",
            "que todos os processos do contêiner {name} rodem como o usuário {uid}, na contagem da bancada",
            name=variant.name,
            uid=variant.uid,
        ),
        found=found,
    )


def test_no_capability_is_within_reach(seat: Evidence, variant: SimpleNamespace) -> None:
    processes = of_container(seat, variant.name)
    held = [(process, name) for process in processes for name in SETS if process.caps.get(name)]
    found = missing(seat, variant.name)
    if held:
        process, name = held[0]
        found = T(
            "process {pid} ({command}) has {count} in Cap{name}: {mask:016x}",
            "o processo {pid} ({command}) tem {count} em Cap{name}: {mask:016x}",
            pid=process.pid,
            command=process.command,
            count=process.caps[name].bit_count(),
            name=name,
            mask=process.caps[name],
        )
    expect(
        processes and not held,
        expected=T(
            "no capability in any set of the processes of {name}",
            "nenhuma capability em nenhum conjunto dos processos de {name}",
            name=variant.name,
        ),
        found=found,
    )


def test_no_program_can_gain_privileges(seat: Evidence, variant: SimpleNamespace) -> None:
    processes = of_container(seat, variant.name)
    free = [process for process in processes if not process.no_new_privs]
    found = missing(seat, variant.name)
    if free:
        found = T(
            "NoNewPrivs of process {pid} ({command}) is 0",
            "o NoNewPrivs do processo {pid} ({command}) é 0",
            pid=free[0].pid,
            command=free[0].command,
        )
    expect(
        processes and not free,
        expected=T(
            "no_new_privs set for all processes of {name}",
            "no_new_privs ligado em todos os processos de {name}",
            name=variant.name,
        ),
        found=found,
    )


def test_its_root_file_system_is_read_only(seat: Evidence, variant: SimpleNamespace) -> None:
    processes = of_container(seat, variant.name)
    roots = [mount for process in processes[:1] for mount in seat.mounts_of(process) if mount.target == "/"]
    found = missing(seat, variant.name)
    if roots:
        found = T("it is mounted {options}", "ele está montado {options}", options=",".join(roots[-1].options[:2]))
    expect(
        roots and "ro" in roots[-1].options,
        expected=T(
            "the root file system of {name} mounted read-only",
            "o sistema de arquivos raiz de {name} montado só para leitura",
            name=variant.name,
        ),
        found=found,
    )
