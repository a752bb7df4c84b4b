"""A CPU quota and a limit of processes that the kernel has both held to, and a process that lives under them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bancada.evidence import Cgroup, Evidence, Processes
from bancada.judge import T, Text, expect


def slow(seat: Evidence, variant: SimpleNamespace) -> list[Cgroup]:
    limited = [cgroup for cgroup in seat.cgroups if cgroup.cpu_limit is not None]
    return [cgroup for cgroup in limited if abs(percent(cgroup) - variant.percent) < 0.05]


def few(seat: Evidence, variant: SimpleNamespace) -> list[Cgroup]:
    return [cgroup for cgroup in seat.cgroups if cgroup.pids_limit == variant.pids]


def percent(cgroup: Cgroup) -> float:
    return 100 * (cgroup.cpu_limit or 0)


def dwellers(seat: Evidence, cgroups: list[Cgroup], controller: str) -> Processes:
    living = {process.pid for cgroup in cgroups for process in seat.living_in(cgroup, controller)}
    return seat.processes.by_hand().where(lambda process: process.pid in living)


def refused(seat: Evidence, cgroup: Cgroup) -> int:
    """Version 1 and older kernels count in the group of the process that forked, which may lie below the limit's."""
    return max(one.forks_refused for one in seat.cgroups if f"{one.path}/".startswith(f"{cgroup.path}/"))


def no_cpu_limit(variant: SimpleNamespace) -> Text:
    return T(
        "no control group has a limit of {percent} % of one CPU",
        "nenhum cgroup tem um limite de {percent} % de uma CPU",
        percent=variant.percent,
    )


def no_pids_limit(variant: SimpleNamespace) -> Text:
    return T(
        "no control group has a limit of {pids} processes",
        "nenhum cgroup tem um limite de {pids} processos",
        pids=variant.pids,
    )


def test_a_control_group_has_the_cpu_limit(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    other = [cgroup for cgroup in seat.cgroups if cgroup.made_by_hand and cgroup.cpu_limit is not None]
    found = no_cpu_limit(variant)
    if other:
        found = T(
            "the group {path} may use {percent} % of one CPU",
            "o grupo {path} pode usar {percent} % de uma CPU",
            path=other[0].path,
            percent=f"{percent(other[0]):.2f}",
        )
    elif probe["niced"]:
        pid, nice = probe["niced"][0]
        found = T(
            "process {pid} has nice {nice}, which lets others go first; no control group has a CPU limit",
            "o processo {pid} tem nice {nice}, que deixa os outros irem antes; nenhum cgroup tem limite de CPU",
            pid=pid,
            nice=nice,
        )
    expect(
        slow(seat, variant),
        expected=T(
            "a control group that may use {percent} % of one CPU",
            "um cgroup que possa usar {percent} % de uma CPU",
            percent=variant.percent,
        ),
        found=found,
    )


def test_the_kernel_has_throttled_the_group(seat: Evidence, variant: SimpleNamespace) -> None:
    limited = slow(seat, variant)
    found = no_cpu_limit(variant)
    if limited:
        found = T("nr_throttled of {path} is 0", "o nr_throttled de {path} é 0", path=limited[0].path)
    expect(
        any(cgroup.throttled for cgroup in limited),
        expected=T(
            "periods in which the group with the CPU limit had to wait (nr_throttled)",
            "períodos em que o grupo com o limite de CPU teve de esperar (nr_throttled)",
        ),
        found=found,
    )


def test_a_control_group_has_the_pids_limit(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    other = [cgroup for cgroup in seat.cgroups if cgroup.made_by_hand and cgroup.pids_limit is not None]
    found = no_pids_limit(variant)
    if other:
        found = T(
            "the group {path} has a limit of {pids} processes",
            "o grupo {path} tem um limite de {pids} processos",
            path=other[0].path,
            pids=other[0].pids_limit,
        )
    elif probe["limited"]:
        found = T(
            "process {pid} has a limit for the processes of its user (ulimit -u); no control group has one",
            "o processo {pid} tem um limite para os processos do usuário dele (ulimit -u); nenhum cgroup tem um",
            pid=probe["limited"][0],
        )
    expect(
        few(seat, variant),
        expected=T(
            "a control group that may have {pids} processes",
            "um cgroup que possa ter {pids} processos",
            pids=variant.pids,
        ),
        found=found,
    )


def test_the_kernel_has_refused_a_fork(seat: Evidence, variant: SimpleNamespace) -> None:
    limited = few(seat, variant)
    found = no_pids_limit(variant)
    if limited:
        found = T(
            "pids.events of {path} counts 0; {used} of {pids} processes are in it",
            "o pids.events de {path} conta 0; há nele {used} de {pids} processos",
            path=limited[0].path,
            used=limited[0].pids_used,
            pids=variant.pids,
        )
    expect(
        any(refused(seat, cgroup) for cgroup in limited),
        expected=T(
            "a fork in the group with the limit of processes that the kernel refused (pids.events)",
            "um fork no grupo com o limite de processos que o kernel recusou (pids.events)",
        ),
        found=found,
    )


def test_a_process_lives_under_both_limits(seat: Evidence, variant: SimpleNamespace) -> None:
    in_slow = dwellers(seat, slow(seat, variant), "cpu")
    in_few = dwellers(seat, few(seat, variant), "pids")
    both = {process.pid for process in in_slow} & {process.pid for process in in_few}
    found = T(
        "no process of yours lives under either of the limits",
        "nenhum processo seu vive sob nenhum dos dois limites",
    )
    if in_slow:
        found = T(
            "process {pid} ({command}) has the CPU limit, but not the limit of processes",
            "o processo {pid} ({command}) tem o limite de CPU, mas não o de processos",
            pid=in_slow[0].pid,
            command=in_slow[0].command,
        )
    elif in_few:
        found = T(
            "process {pid} ({command}) has the limit of processes, but not the CPU limit",
            "o processo {pid} ({command}) tem o limite de processos, mas não o de CPU",
            pid=in_few[0].pid,
            command=in_few[0].command,
        )
    expect(
        both,
        expected=T(
            "a running process that has both limits, {percent} % of one CPU and {pids} processes",
            "um processo rodando que tenha os dois limites, {percent} % de uma CPU e {pids} processos",
            percent=variant.percent,
            pids=variant.pids,
        ),
        found=found,
    )
