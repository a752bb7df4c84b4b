"""A virtual machine runs another kernel than the seat, and says so itself; a container has the seat's."""

from __future__ import annotations

from typing import Any

from bancada.evidence import Evidence
from bancada.judge import T, Text, expect


def booted(probe: Any) -> list[Any]:
    """Guests in which a kernel lives: it came up, and did not stop for good since."""
    return [guest for guest in probe["guests"] if guest["version"] and not guest["panic"]]


def no_vm(probe: Any) -> Text:
    guests = probe["guests"]
    if not guests:
        return T("no QEMU runs on the seat", "nenhum QEMU está rodando na bancada")
    if guests[0]["panic"]:
        return T(
            "the kernel in the virtual machine of process {pid} has stopped for good: {why}",
            "o kernel na máquina virtual do processo {pid} parou de vez: {why}",
            pid=guests[0]["pid"],
            why=guests[0]["panic"],
        )
    return T(
        "QEMU runs (process {pid}), but there is no running kernel in the memory of its machine",
        "o QEMU está rodando (processo {pid}), mas não há kernel rodando na memória da máquina dele",
        pid=guests[0]["pid"],
    )


def test_a_vm_has_booted_a_kernel(probe: Any) -> None:
    expect(
        booted(probe),
        expected=T(
            "a virtual machine that runs on the seat, with a kernel alive in its memory",
            "uma máquina virtual rodando na bancada, com um kernel vivo na memória dela",
        ),
        found=no_vm(probe),
    )


def test_its_kernel_is_another_than_the_seats(seat: Evidence, probe: Any) -> None:
    versions = [guest["version"] for guest in booted(probe)]
    expect(
        any(version != seat.kernel for version in versions),
        expected=T(
            "in the virtual machine a kernel of another version than the seat's, {kernel}",
            "na máquina virtual um kernel de outra versão que o da bancada, {kernel}",
            kernel=seat.kernel,
        ),
        found=T("the virtual machine runs the same version", "a máquina virtual roda a mesma versão")
        if versions
        else no_vm(probe),
    )


def test_the_vm_wrote_the_console_log(seat: Evidence, probe: Any) -> None:
    log, guests = probe["log"], booted(probe)
    found = no_vm(probe)
    if guests and log is None:
        found = T("there is no console.log in the exercise's folder", "não há console.log na pasta do exercício")
    elif guests and probe["boot_id"] in log:
        found = T(
            "the boot_id in console.log is the seat's own: it was not read in the virtual machine",
            "o boot_id em console.log é o da própria bancada: ele não foi lido na máquina virtual",
        )
    elif guests and not any(guest["boot_ids"] for guest in guests):
        found = T(
            "console.log holds no boot_id that the kernel in the running virtual machine knows",
            "o console.log não tem nenhum boot_id que o kernel da máquina virtual que está rodando conheça",
        )
    elif guests:
        found = T(
            "console.log has its boot_id, but not the version of its kernel, {version}",
            "o console.log tem o boot_id dela, mas não a versão do kernel, {version}",
            version=guests[0]["version"],
        )
    expect(
        any(guest["boot_ids"] and guest["version"] in (log or "").split() for guest in guests),
        expected=T(
            "in console.log what the running virtual machine said of itself: the version of its kernel and its boot_id",
            "em console.log o que a máquina virtual que está rodando disse de si: a versão do kernel e o boot_id",
        ),
        found=found,
    )


def test_a_container_has_the_seats_kernel(seat: Evidence, probe: Any, folder: str) -> None:
    files = seat.folders["vm/own-kernel"].files if "vm/own-kernel" in seat.folders else {}
    said = files["container.log"].text if "container.log" in files else None
    words = (said or "").split()
    wrong = seat.kernel if seat.kernel not in words else probe["boot_id"]
    expect(
        seat.kernel in words and probe["boot_id"] in words,
        expected=T(
            "in container.log what a container says: the kernel {kernel} and the boot_id of the seat itself",
            "em container.log o que um contêiner diz: o kernel {kernel} e o boot_id da própria bancada",
            kernel=seat.kernel,
        ),
        found=T("there is no container.log in {folder}", "não há container.log em {folder}", folder=folder)
        if said is None
        else T(
            "container.log does not say {wrong}, so no container of this seat wrote it",
            "o container.log não diz {wrong}; logo, nenhum contêiner desta bancada o escreveu",
            wrong=wrong,
        ),
    )
