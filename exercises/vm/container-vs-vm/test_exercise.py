"""A container and a virtual machine do the same work, and the student's numbers of both are those of this seat."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence
from bancada.judge import T, Text, expect

LINE = re.compile(r"(?m)^\s*(boot|memory|disk|processes)\s*:\s*(\d+(?:[.,]\d+)?)\s+(\d+(?:[.,]\d+)?)\s*$")
WHO = ("container", "vm")


def written(seat: Evidence) -> dict[str, dict[str, float]]:
    """What the student wrote down, by quantity."""
    folder = seat.folders.get("vm/container-vs-vm")
    file = folder.files.get("numbers.txt") if folder else None
    lines = LINE.findall((file.text or "").replace("\r", "")) if file else []
    return {
        what: {"container": float(one.replace(",", ".")), "vm": float(other.replace(",", "."))}
        for what, one, other in lines
    }


def bounds(probe: Any, what: str, who: str) -> tuple[float, float]:
    """From where to where an answer is right: what this seat shows, with room for other ways to measure it."""
    one = probe[who]
    value = one[what]
    if what == "boot":  # by the clock of whoever starts it, the start of docker or QEMU itself is counted too
        return (value / 3, 3 * value + 1.5) if who == "container" else (0.6 * value, 3 * value + 5)
    if what == "memory" and who == "container":  # its group's, with what the kernel keeps for it, or its processes' own
        return min(value, one["pss"]) / 2, 1.5 * max(value, one["pss"]) + 1
    if what == "memory":
        return 0.7 * value, 1.3 * one["rss"]
    if what == "disk":  # MB or MiB
        return 0.8 * value, 1.2 * value + 0.2
    return value - 2, value + 2  # who counts may have counted himself


def judge(seat: Evidence, probe: Any, what: str, expected: Text) -> None:
    answers = written(seat).get(what)
    found = missing(probe)
    right = False
    if probe["container"] and probe["vm"]:
        found = T(
            "numbers.txt has no line “{what}: CONTAINER VM”",
            "numbers.txt não tem nenhuma linha “{what}: CONTÊINER VM”",
            what=what,
        )
        if answers:
            wrong = [who for who in WHO if not within(answers[who], *bounds(probe, what, who))]
            right = not wrong
            who = wrong[0] if wrong else "vm"
            found = wrong_number(who, answers[who], probe[who][what])
    expect(right, expected=expected, found=found)


def wrong_number(who: str, said: float, measured: float) -> Text:
    """Which number is wrong, and whether by too much or too little; what it should be is for the student to measure."""
    if who == "container" and said > measured:
        return T(
            "{n:g} of the container is too much for this seat", "{n:g} do contêiner é demais nesta bancada", n=said
        )
    if who == "container":
        return T(
            "{n:g} of the container is too little for this seat",
            "{n:g} do contêiner é muito pouco nesta bancada",
            n=said,
        )
    if said > measured:
        return T("{n:g} of the machine is too much for this seat", "{n:g} da máquina é demais nesta bancada", n=said)
    return T("{n:g} of the machine is too little for this seat", "{n:g} da máquina é muito pouco nesta bancada", n=said)


def within(number: float, low: float, high: float) -> bool:
    return low <= number <= high


def missing(probe: Any) -> Text:
    if not probe["container"]:
        return T("the container does not run", "o contêiner não está rodando")
    guests = probe["guests"]
    if not guests:
        return T("no QEMU runs on the seat", "nenhum QEMU está rodando na bancada")
    if guests[0]["panic"]:
        return T(
            "the kernel in the virtual machine has stopped for good: {why}",
            "o kernel na máquina virtual parou de vez: {why}",
            why=guests[0]["panic"],
        )
    if not probe["log"]:
        return T("there is no console.log in the exercise's folder", "não há console.log na pasta do exercício")
    return T(
        "QEMU runs, but console.log has no line “ready UPTIME PROCESSES WORKERS BOOT_ID” of the machine that runs now",
        "o QEMU roda, mas console.log não tem a linha “ready UPTIME PROCESSES WORKERS BOOT_ID” da que roda agora",
    )


def test_a_container_and_a_vm_do_the_same_work(variant: SimpleNamespace, probe: Any) -> None:
    container, vm = probe["container"], probe["vm"]
    found = missing(probe)
    if container and vm:
        found = T(
            "{workers} workers in the container; a machine of {given} MiB, with {others} workers in it",
            "{workers} trabalhadores no contêiner; uma máquina de {given} MiB, com {others} trabalhadores nela",
            workers=container["workers"],
            given=vm["given"],
            others=vm["workers"],
        )
    expect(
        container
        and vm
        and container["workers"] == variant.workers
        and vm["given"] == variant.mib
        and vm["workers"] == variant.workers,
        expected=T(
            "the container {name} with {workers} processes sleep, and a machine of {mib} MiB with as many",
            "o contêiner {name} com {workers} processos sleep, e uma máquina de {mib} MiB com outros tantos",
            name=variant.name,
            workers=variant.workers,
            mib=variant.mib,
        ),
        found=found,
    )


def test_the_boot_times_are_this_seats(seat: Evidence, probe: Any) -> None:
    judge(
        seat,
        probe,
        "boot",
        T(
            "the seconds that each of the two took to be ready",
            "os segundos que cada um dos dois levou para ficar pronto",
        ),
    )


def test_the_memory_is_this_seats(seat: Evidence, probe: Any) -> None:
    judge(
        seat,
        probe,
        "memory",
        T(
            "the MiB of the seat's memory that each of the two uses now",
            "os MiB da memória da bancada que cada um dos dois usa agora",
        ),
    )


def test_the_disk_is_this_seats(seat: Evidence, probe: Any) -> None:
    judge(
        seat,
        probe,
        "disk",
        T(
            "the MiB of the files that each is made of: image; kernel and initramfs",
            "os MiB dos arquivos de que cada um é feito: imagem; kernel e initramfs",
        ),
    )


def test_the_process_counts_are_this_seats(seat: Evidence, probe: Any) -> None:
    judge(
        seat,
        probe,
        "processes",
        T(
            "how many processes run in each of the two, the kernel's own included",
            "quantos processos rodam em cada um dos dois, incluídos os do próprio kernel",
        ),
    )
