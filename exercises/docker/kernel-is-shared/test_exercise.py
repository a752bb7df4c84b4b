"""A container has the files of another release, and the seat's own kernel."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence, Process
from bancada.judge import T, Text, expect

NAME = "docker/kernel-is-shared"
RELEASES = {"bookworm", "trixie"}
SAID = {
    "EROFS": ("erofs", "read-only file system", "somente para leitura", "somente leitura"),
    "EACCES": ("eacces", "permission denied", "permissão negada"),
    "EPERM": ("eperm", "operation not permitted", "operação não permitida"),
}


def answers(seat: Evidence) -> dict[str, str]:
    """The lines `key: value` of the student's file."""
    folder = seat.folder(NAME)
    file = folder.files.get("answers.txt") if folder else None
    lines = [line.partition(":") for line in ((file.text if file else None) or "").splitlines()]
    return {key.strip().lower(): value.strip() for key, _, value in lines}


def first_process(seat: Evidence, name: str) -> Process | None:
    container = seat.engine.container(name)
    pid = container["State"]["Pid"] if container else 0
    return next(iter(seat.processes.with_(pid=pid)), None)


def missing(seat: Evidence, name: str) -> Text:
    if seat.engine.container(name):
        return T("the container {name} does not run", "o contêiner {name} não está rodando", name=name)
    return T("Docker knows no container {name}", "o Docker não conhece nenhum contêiner {name}", name=name)


def test_a_container_of_the_other_release_runs(seat: Evidence, variant: SimpleNamespace, probe: dict[str, Any]) -> None:
    here, there = (probe.get(key, {}).get("VERSION_CODENAME", "?") for key in ("seat", "container"))
    found = missing(seat, variant.name)
    if first_process(seat, variant.name):
        found = T("the seat is {here}, and so is it", "a bancada é {here}, e ele também", here=here)
        if here != there:
            found = T("os-release in it says {there}", "o os-release dele diz {there}", there=there)
    expect(
        first_process(seat, variant.name) and here != there and there in RELEASES,
        expected=T(
            "a running container {name} of the Debian release that the seat is not",
            "um contêiner {name} rodando, da versão do Debian que a bancada não é",
            name=variant.name,
        ),
        found=found,
    )


def test_the_answers_tell_its_release_and_its_kernel(
    seat: Evidence, variant: SimpleNamespace, probe: dict[str, Any]
) -> None:
    version, kernel = (answers(seat).get(key, "-") for key in ("version", "kernel"))
    its = probe.get("container", {}).get("VERSION_ID", "?")
    expect(
        re.findall(r"\d+", version)[:1] == [its] and kernel == seat.kernel,
        expected=T(
            "in answers.txt the release of the container {name}, and the kernel that it shows",
            "em answers.txt a versão do contêiner {name} e o kernel que ele mostra",
            name=variant.name,
        ),
        found=T(
            "version: {version} and kernel: {kernel}", "version: {version} e kernel: {kernel}",
            version=version[:40], kernel=kernel[:60],
        ),
    )  # fmt: skip


def test_the_container_has_no_power_over_the_kernel(seat: Evidence, variant: SimpleNamespace) -> None:
    process = first_process(seat, variant.name)
    covers = [mount for mount in seat.mounts_of(process) if mount.target == "/proc/sys"] if process else []
    found = missing(seat, variant.name)
    if process:
        found = T(
            "nothing covers /proc/sys in it: root in there may change the whole machine's settings",
            "nada cobre o /proc/sys nele: o root lá dentro pode mudar ajustes da máquina inteira",
        )
    expect(
        covers and "ro" in covers[-1].options,
        expected=T(
            "a container {name} in which /proc/sys is read-only",
            "um contêiner {name} em que o /proc/sys seja só para leitura",
            name=variant.name,
        ),
        found=found,
    )


def test_the_answers_tell_how_the_kernel_refused(
    seat: Evidence, variant: SimpleNamespace, probe: dict[str, Any]
) -> None:
    said = answers(seat).get("error", "-")
    accepted = [words for name in probe.get("refusals", []) for words in SAID.get(name, ())]
    expect(
        any(words in said.lower() for words in accepted),
        expected=T(
            "in answers.txt the reason for which nobody in {name} can write to /proc/sys/kernel/ostype",
            "em answers.txt o motivo pelo qual ninguém em {name} pode escrever em /proc/sys/kernel/ostype",
            name=variant.name,
        ),
        found=T("error: {said}", "error: {said}", said=said[:80]),
    )
