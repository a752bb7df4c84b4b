"""A process in a time namespace of its own, whose boot clock alone is ahead by a number of days."""

from __future__ import annotations

from types import SimpleNamespace

from bancada.evidence import Evidence, Process
from bancada.judge import T, expect

DAY = 86400
"""Seconds."""
NOBODY = T(
    "no process of yours is in a time namespace of its own",
    "nenhum processo seu está em um time namespace próprio",
)


def offset(seat: Evidence, process: Process, clock: str) -> float:
    """Seconds by which this clock is ahead of the seat's."""
    return seat.time_offsets_of(process).get(clock, 0.0)


def inside(seat: Evidence, days: int) -> list[Process]:
    """The processes that are in another time namespace; those whose boot clock is right come first."""
    found = seat.processes.by_hand().outside("time")
    return sorted(found, key=lambda process: not is_ahead(seat, process, days))


def is_ahead(seat: Evidence, process: Process, days: int) -> bool:
    return abs(offset(seat, process, "boottime") - days * DAY) < 1


def test_a_process_lives_in_a_time_namespace_of_its_own(seat: Evidence, variant: SimpleNamespace) -> None:
    found = T(
        "all processes that you started are in the seat's own time namespace: if there was another, nobody keeps it",
        "todos os processos que você iniciou estão no time namespace da própria bancada: se houve outro, ninguém o "
        "mantém vivo",
    )
    waiting = seat.processes.by_hand().where(
        lambda process: process.ns.get("time_for_children") != process.ns.get("time")
    )
    if waiting:
        found = T(
            "process {pid} ({command}) has made one, but is itself in the seat's own: only children of its would be "
            "in the new one",
            "o processo {pid} ({command}) criou um, mas ele mesmo está no da própria bancada: só filhos dele estariam "
            "no novo",
            pid=waiting[0].pid,
            command=waiting[0].command,
        )
    expect(
        inside(seat, variant.days),
        expected=T(
            "a process that runs in a time namespace other than the seat's own ({inode})",
            "um processo rodando em um time namespace que não seja o da própria bancada ({inode})",
            inode=seat.init.ns.get("time"),
        ),
        found=found,
    )


def test_its_boot_clock_is_ahead_by_the_days(seat: Evidence, variant: SimpleNamespace) -> None:
    found = NOBODY
    if candidates := inside(seat, variant.days):
        process = candidates[0]
        values = {
            "pid": process.pid,
            "command": process.command,
            "boot": f"{offset(seat, process, 'boottime'):.0f}",
            "monotonic": f"{offset(seat, process, 'monotonic'):.0f}",
        }
        found = T(
            "for process {pid} ({command}) the boot clock is ahead by {boot} s, the monotonic clock by {monotonic} s",
            "para o processo {pid} ({command}) o relógio de boot está adiantado {boot} s, o monotônico {monotonic} s",
            **values,
        )
        if not offset(seat, process, "boottime") and not offset(seat, process, "monotonic"):
            found = T(
                "process {pid} ({command}) is in a new namespace, but both clocks go as they do outside",
                "o processo {pid} ({command}) está em um namespace novo, mas os dois relógios andam como lá fora",
                pid=process.pid,
                command=process.command,
            )
    expect(
        any(is_ahead(seat, process, variant.days) for process in inside(seat, variant.days)),
        expected=T(
            "a boot clock that is ahead by {days} days, which are {seconds} s",
            "um relógio de boot adiantado {days} dias, que são {seconds} s",
            days=variant.days,
            seconds=variant.days * DAY,
        ),
        found=found,
    )


def test_its_monotonic_clock_is_the_seats(seat: Evidence, variant: SimpleNamespace) -> None:
    found = NOBODY
    candidates = inside(seat, variant.days)
    if candidates:
        found = T(
            "for process {pid} ({command}) the monotonic clock is ahead by {seconds} s",
            "para o processo {pid} ({command}) o relógio monotônico está adiantado {seconds} s",
            pid=candidates[0].pid,
            command=candidates[0].command,
            seconds=f"{offset(seat, candidates[0], 'monotonic'):.0f}",
        )
    ahead = [process for process in candidates if is_ahead(seat, process, variant.days)] or candidates
    expect(
        any(not offset(seat, process, "monotonic") for process in ahead),
        expected=T(
            "a monotonic clock that is not shifted, in the namespace of your process",
            "um relógio monotônico não deslocado, no namespace do seu processo",
        ),
        found=found,
    )
