"""Limits of a container, as the kernel has them in its control group, and a kill that it counted there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence, Process
from bancada.judge import T, Text, expect

MIB = 1024 * 1024


def first_process(seat: Evidence, name: str) -> Process | None:
    container = seat.engine.container(name)
    pid = container["State"]["Pid"] if container else 0
    return next(iter(seat.processes.with_(pid=pid)), None)


def of_its_group(seat: Evidence, process: Process, what: str) -> Any:
    """A limit or counter; version 1 may have the controllers at several paths, of which one tells it."""
    return next((said for one in seat.cgroups_of(process) if (said := getattr(one, what))), None)


def missing(seat: Evidence, name: str) -> Text:
    if seat.engine.container(name):
        return T("the container {name} does not run", "o contêiner {name} não está rodando", name=name)
    return T("Docker knows no container {name}", "o Docker não conhece nenhum contêiner {name}", name=name)


def test_the_kernel_limits_its_memory(seat: Evidence, variant: SimpleNamespace) -> None:
    process = first_process(seat, variant.name)
    limit = of_its_group(seat, process, "memory_limit") if process else None
    found = missing(seat, variant.name)
    if process:
        found = T("no limit of memory in its control group", "nenhum limite de memória no grupo de controle dele")
    if limit:
        found = T("{mib:.1f} MiB", "{mib:.1f} MiB", mib=limit / MIB)
    expect(
        limit == variant.mib * MIB,
        expected=T(
            "the container {name}, limited to {mib} MiB of memory",
            "o contêiner {name}, limitado a {mib} MiB de memória",
            name=variant.name,
            mib=variant.mib,
        ),
        found=found,
    )


def test_the_kernel_limits_its_cpu_time(seat: Evidence, variant: SimpleNamespace) -> None:
    process = first_process(seat, variant.name)
    limit = of_its_group(seat, process, "cpu_limit") if process else None
    found = missing(seat, variant.name)
    if process:
        found = T(
            "no limit of CPU time in its control group", "nenhum limite de tempo de CPU no grupo de controle dele"
        )
    if limit:
        found = T("{percent:.0f} % of one CPU", "{percent:.0f} % de uma CPU", percent=limit * 100)
    expect(
        limit and abs(limit * 100 - variant.percent) < 0.5,
        expected=T(
            "the container {name}, limited to {percent} % of one CPU",
            "o contêiner {name}, limitado a {percent} % de uma CPU",
            name=variant.name,
            percent=variant.percent,
        ),
        found=found,
    )


def test_the_kernel_limits_its_processes(seat: Evidence, variant: SimpleNamespace) -> None:
    process = first_process(seat, variant.name)
    limit = of_its_group(seat, process, "pids_limit") if process else None
    found = missing(seat, variant.name)
    if process:
        found = T("no limit of processes in its control group", "nenhum limite de processos no grupo de controle dele")
    if limit:
        found = T("{limit} processes", "{limit} processos", limit=limit)
    expect(
        limit == variant.processes,
        expected=T(
            "the container {name}, limited to {limit} processes",
            "o contêiner {name}, limitado a {limit} processos",
            name=variant.name,
            limit=variant.processes,
        ),
        found=found,
    )


def test_the_kernel_has_killed_for_want_of_memory(seat: Evidence, variant: SimpleNamespace) -> None:
    process = first_process(seat, variant.name)
    kills = of_its_group(seat, process, "oom_kills") if process else None
    container = seat.engine.container(variant.name)
    found = missing(seat, variant.name)
    if process:
        found = T(
            "since its start at {start} the kernel has killed nobody in its control group",
            "desde o início dele, às {start}, o kernel não matou ninguém no grupo de controle dele",
            start=str(container["State"]["StartedAt"])[11:19] if container else "?",
        )
    expect(
        kills,
        expected=T(
            "a kill for want of memory, counted in the control group of the running container {name}",
            "uma morte por falta de memória, contada no grupo de controle do contêiner {name}, ainda rodando",
            name=variant.name,
        ),
        found=found,
    )
