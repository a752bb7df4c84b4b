"""A uts namespace that lives on in a file, with nobody in it."""

from __future__ import annotations

from types import SimpleNamespace

from bancada.evidence import Evidence, KeptNamespace
from bancada.judge import T, expect

NAME = "namespaces/keep-alive"
FILE = "room"
NOT_KEPT = T("the file holds no uts namespace", "o arquivo não segura nenhum uts namespace")


def held(seat: Evidence, folder: str, type_: str = "uts") -> KeptNamespace | None:
    """What is mounted on the file; of several the last, which lies on top."""
    there = [one for one in seat.kept if one.path == f"{folder}/{FILE}" and one.type == type_]
    return there[-1] if there else None


def test_the_file_holds_a_uts_namespace(seat: Evidence, folder: str) -> None:
    path = f"{folder}/{FILE}"
    staged = seat.folder(NAME)
    found = T("there is no such file", "esse arquivo não existe")
    others = [one for one in seat.kept if one.path == path and one.type != "uts"]
    in_private = [
        process
        for process in seat.processes.by_hand().outside("mnt")
        if any(mount.target == path and mount.fstype == "nsfs" for mount in seat.mounts_of(process))
    ]
    kept_elsewhere = [one for one in seat.kept_of("uts") if one.path != path]
    living = seat.processes.by_hand().outside("uts")
    if others:
        found = T(
            "what is mounted there is a namespace of the type {type}",
            "o que está montado ali é um namespace do tipo {type}",
            type=others[0].type,
        )
    elif in_private:
        found = T(
            "it is mounted there only in the mount namespace of process {pid} ({command}), not on the seat",
            "ele só está montado ali no mount namespace do processo {pid} ({command}), não na bancada",
            pid=in_private[0].pid,
            command=in_private[0].command,
        )
    elif kept_elsewhere:
        found = T("a uts namespace is held by {path}", "há um uts namespace em {path}", path=kept_elsewhere[0].path)
    elif staged and FILE in staged.files:
        found = T(
            "on the seat nothing is mounted on that file: it is just a {type} of {size} bytes",
            "na bancada não há nada montado nesse arquivo: ele é só um {type} de {size} bytes",
            type=staged.files[FILE].type,
            size=staged.files[FILE].size,
        )
    elif living:
        found = T(
            "there is no such file; a uts namespace is kept by process {pid} ({command}) alone",
            "esse arquivo não existe; quem mantém um uts namespace é só o processo {pid} ({command})",
            pid=living[0].pid,
            command=living[0].command,
        )
    expect(
        held(seat, folder),
        expected=T(
            "a uts namespace, mounted on the file {path} on the seat",
            "um uts namespace montado no arquivo {path} na bancada",
            path=path,
        ),
        found=found,
    )


def test_it_is_not_the_seats_own_namespace(seat: Evidence, folder: str) -> None:
    kept, found = held(seat, folder), NOT_KEPT
    if kept:
        found = T("it holds the seat's own uts namespace", "ele segura o uts namespace da própria bancada")
    expect(
        kept and kept.inode != seat.init.ns["uts"],
        expected=T(
            "a namespace other than the seat's own ({inode})",
            "um namespace que não seja o da própria bancada ({inode})",
            inode=seat.init.ns["uts"],
        ),
        found=found,
    )


def test_the_kept_namespace_has_the_hostname(seat: Evidence, folder: str, variant: SimpleNamespace) -> None:
    kept, found = held(seat, folder), NOT_KEPT
    names = seat.uts.get(kept.inode) if kept else None
    if names:
        found = T("it says {hostname}", "ele diz {hostname}", hostname=names.hostname)
        if names.hostname == seat.hostname:
            found = T(
                "it says {hostname}, as the seat does: nobody has named it",
                "ele diz {hostname}, como a bancada: ninguém deu um nome a ele",
                hostname=names.hostname,
            )
    expect(
        names and names.hostname == variant.hostname,
        expected=T(
            "hostname {hostname} in the namespace that the file holds",
            "hostname {hostname} no namespace que o arquivo segura",
            hostname=variant.hostname,
        ),
        found=found,
    )


def test_no_process_is_in_it(seat: Evidence, folder: str) -> None:
    kept, found = held(seat, folder), NOT_KEPT
    living = seat.processes.inside("uts", kept.inode) if kept else None
    if kept and living:
        found = T(
            "process {pid} ({command}) is in it",
            "o processo {pid} ({command}) está nele",
            pid=living[-1].pid,
            command=living[-1].command,
        )
    expect(
        kept and not living,
        expected=T(
            "no process at all in the namespace that the file holds",
            "nenhum processo no namespace que o arquivo segura",
        ),
        found=found,
    )


def test_the_seat_keeps_its_own_hostname(seat: Evidence, folder: str, variant: SimpleNamespace) -> None:
    found = NOT_KEPT
    if seat.hostname == variant.hostname:
        found = T("the seat itself is now called {name}", "a própria bancada agora se chama {name}", name=seat.hostname)
    expect(
        held(seat, folder) and seat.hostname != variant.hostname,
        expected=T("the seat's own hostname, as before", "o hostname da própria bancada, como antes"),
        found=found,
    )
