"""A control group with a memory limit: somebody lives within it, and somebody was killed at it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bancada.evidence import Cgroup, Evidence, Processes
from bancada.judge import T, Text, expect

MIB = 1024 * 1024


def with_the_limit(seat: Evidence, variant: SimpleNamespace) -> list[Cgroup]:
    return [cgroup for cgroup in seat.cgroups if cgroup.memory_limit == variant.mib * MIB]


def dwellers(seat: Evidence, cgroup: Cgroup) -> Processes:
    return seat.living_in(cgroup, "memory").by_hand()


def inhabited(seat: Evidence, variant: SimpleNamespace) -> list[Cgroup]:
    return [cgroup for cgroup in with_the_limit(seat, variant) if dwellers(seat, cgroup)]


def kills(seat: Evidence, cgroup: Cgroup) -> int:
    """Version 1 counts in the group of the process that was killed, which may lie below the one with the limit."""
    return max(one.oom_kills for one in seat.cgroups if f"{one.path}/".startswith(f"{cgroup.path}/"))


def no_limit(variant: SimpleNamespace) -> Text:
    return T("no control group has a limit of {mib} MiB", "nenhum cgroup tem um limite de {mib} MiB", mib=variant.mib)


def test_a_control_group_has_the_memory_limit(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    by_hand = [cgroup for cgroup in seat.cgroups if cgroup.made_by_hand]
    other = [cgroup for cgroup in by_hand if cgroup.memory_limit is not None]
    found = T("no control group was made by hand", "nenhum cgroup foi criado à mão")
    if other:
        found = T(
            "the group {path} has a limit of {limit} bytes, which is {mib} MiB",
            "o grupo {path} tem um limite de {limit} bytes, que são {mib} MiB",
            path=other[0].path,
            limit=other[0].memory_limit,
            mib=f"{(other[0].memory_limit or 0) / MIB:.2f}",
        )
    elif probe["address_space"]:
        pid, limit = probe["address_space"][0]
        found = T(
            "process {pid} has a limit of its own for its address space ({limit} bytes; ulimit -v), but no control "
            "group has one for memory",
            "o processo {pid} tem um limite só dele para o espaço de endereçamento ({limit} bytes; ulimit -v), mas "
            "nenhum cgroup tem um de memória",
            pid=pid,
            limit=limit,
        )
    elif by_hand:
        found = T(
            "the group {path} is there, but has no memory limit",
            "o grupo {path} existe, mas não tem limite de memória",
            path=by_hand[0].path,
        )
    expect(
        with_the_limit(seat, variant),
        expected=T(
            "a control group with a memory limit of {mib} MiB, that is {limit} bytes",
            "um cgroup com um limite de memória de {mib} MiB, ou seja, {limit} bytes",
            mib=variant.mib,
            limit=variant.mib * MIB,
        ),
        found=found,
    )


def test_a_process_lives_within_the_limit(seat: Evidence, variant: SimpleNamespace) -> None:
    limited = with_the_limit(seat, variant)
    found = no_limit(variant)
    if limited:
        path = limited[0].path
        found = T("nobody lives in the group {path}", "ninguém vive no grupo {path}", path=path)
        contained = [one for cgroup in limited for one in seat.living_in(cgroup, "memory") if one.container]
        if contained:
            found = T(
                "in the group {path} lives a container of Docker's ({pid} {command}); this exercise is done without "
                "Docker",
                "no grupo {path} vive um contêiner do Docker ({pid} {command}); este exercício se faz sem o Docker",
                path=path,
                pid=contained[0].pid,
                command=contained[0].command,
            )
    expect(
        inhabited(seat, variant),
        expected=T(
            "a running process in the group with the limit of {mib} MiB",
            "um processo rodando no grupo com o limite de {mib} MiB",
            mib=variant.mib,
        ),
        found=found,
    )


def test_the_kernel_has_killed_who_went_beyond_it(seat: Evidence, variant: SimpleNamespace) -> None:
    groups = inhabited(seat, variant) or with_the_limit(seat, variant)
    found = no_limit(variant)
    if groups:
        peak = groups[0].memory_peak
        found = T(
            "oom_kill of the group {path} is 0; the most that it ever used: {peak}",
            "o oom_kill do grupo {path} é 0; o máximo que ele já usou: {peak}",
            path=groups[0].path,
            peak="?" if peak is None else f"{peak / MIB:.1f} MiB",
        )
    expect(
        any(kills(seat, cgroup) for cgroup in groups),
        expected=T(
            "at least one process of the group killed by the kernel because the limit was reached (oom_kill)",
            "ao menos um processo do grupo morto pelo kernel porque o limite foi atingido (oom_kill)",
        ),
        found=found,
    )
