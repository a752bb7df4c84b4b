"""A process whose mount namespace begins at a directory of the student's, and knows no other root any more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence, Process
from bancada.judge import T, expect

Probe = list[dict[str, Any]]
NOBODY = T(
    "no process has a root directory with this seat's word in it",
    "nenhum processo tem um diretório raiz com a palavra desta bancada",
)
IN_THE_SEATS_NAMESPACE = T(
    "the process with the new root is in the seat's own mount namespace",
    "o processo com a raiz nova está no mount namespace da própria bancada",
)


def dwellers(seat: Evidence, probe: Probe, variant: SimpleNamespace) -> list[tuple[Process, dict[str, Any]]]:
    """Who has a root directory in which the word lies, and what was seen of it."""
    by_pid = {process.pid: process for process in seat.processes.by_hand().in_other_root()}
    return [(by_pid[one["pid"]], one) for one in probe if one["pid"] in by_pid and one["word"] == variant.word]


def apart(seat: Evidence, probe: Probe, variant: SimpleNamespace) -> list[tuple[Process, dict[str, Any]]]:
    """Those of them that are in another mount namespace than the seat's."""
    outside = seat.processes.outside("mnt")
    return [(process, seen) for process, seen in dwellers(seat, probe, variant) if process in outside]


def is_turned(process: Process, seen: dict[str, Any]) -> bool:
    """Whether its root is the top of its namespace."""
    return process.root_id == tuple(seen["top"])


def test_a_process_has_a_root_with_the_word(seat: Evidence, probe: Probe, variant: SimpleNamespace) -> None:
    found = T(
        "all processes that you started have the seat's own root directory",
        "todos os processos que você iniciou têm o diretório raiz da própria bancada",
    )
    by_pid = {process.pid: process for process in seat.processes.by_hand()}
    for one in probe:
        if one["pid"] not in by_pid:
            continue
        found = T(
            "process {pid} ({command}) has another root, but there is no file /word in it",
            "o processo {pid} ({command}) tem outra raiz, mas nela não há o arquivo /word",
            pid=one["pid"],
            command=by_pid[one["pid"]].command,
        )
        if one["word"] is not None:
            found = T(
                'process {pid} ({command}) has another root, but the file /word in it says "{word}"',
                'o processo {pid} ({command}) tem outra raiz, mas o arquivo /word dela diz "{word}"',
                pid=one["pid"],
                command=by_pid[one["pid"]].command,
                word=one["word"].split("\n")[0][:60],
            )
    expect(
        dwellers(seat, probe, variant),
        expected=T(
            "a running process that sees a file /word with {word} in its root directory",
            "um processo rodando que veja no seu diretório raiz um arquivo /word com {word}",
            word=variant.word,
        ),
        found=found,
    )


def test_it_is_in_a_mount_namespace_of_its_own(seat: Evidence, probe: Probe, variant: SimpleNamespace) -> None:
    found = NOBODY
    living = dwellers(seat, probe, variant)
    if living:
        found = T(
            "process {pid} ({command}) has the new root, but shares the seat's mount namespace ({inode})",
            "o processo {pid} ({command}) tem a raiz nova, mas divide o mount namespace com a bancada ({inode})",
            pid=living[0][0].pid,
            command=living[0][0].command,
            inode=seat.init.ns["mnt"],
        )
    expect(
        apart(seat, probe, variant),
        expected=T(
            "that process in a mount namespace other than the seat's own ({inode})",
            "esse processo em um mount namespace que não seja o da própria bancada ({inode})",
            inode=seat.init.ns["mnt"],
        ),
        found=found,
    )


def test_its_root_is_the_top_of_the_namespace(seat: Evidence, probe: Probe, variant: SimpleNamespace) -> None:
    found = IN_THE_SEATS_NAMESPACE if dwellers(seat, probe, variant) else NOBODY
    for process, seen in apart(seat, probe, variant):
        found = T(
            "process {pid} ({command}) begins at its directory, but its mount namespace begins at another one: that is "
            "what chroot does",
            "o processo {pid} ({command}) começa no diretório dele, mas o mount namespace começa em outro: é isso que "
            "o chroot faz",
            pid=process.pid,
            command=process.command,
        )
        if tuple(seen["top"]) == seat.init.root_id:
            found = T(
                "process {pid} ({command}) begins at its directory, but the top of its mount namespace is still the "
                "seat's root: that is what chroot does",
                "o processo {pid} ({command}) começa no diretório dele, mas o topo do mount namespace ainda é a raiz "
                "da bancada: é isso que o chroot faz",
                pid=process.pid,
                command=process.command,
            )
    expect(
        any(is_turned(*one) for one in apart(seat, probe, variant)),
        expected=T(
            "the root directory of the process to be the top of its mount namespace",
            "que o diretório raiz do processo seja o topo do mount namespace dele",
        ),
        found=found,
    )


def test_the_old_root_is_gone(seat: Evidence, probe: Probe, variant: SimpleNamespace) -> None:
    found = IN_THE_SEATS_NAMESPACE if dwellers(seat, probe, variant) else NOBODY
    living = apart(seat, probe, variant)
    if living:
        process, seen = next((one for one in living if is_turned(*one)), living[0])
        found = T(
            "in the mount namespace of process {pid} the seat's root is still mounted, at {target}",
            "no mount namespace do processo {pid} a raiz da bancada continua montada, em {target}",
            pid=process.pid,
            target=", ".join(seen["old_root_at"][:3]),
        )
    expect(
        any(not seen["old_root_at"] for _, seen in living),
        expected=T(
            "nowhere in the mount namespace of the process the seat's old root",
            "em nenhum lugar do mount namespace do processo a raiz antiga, da bancada",
        ),
        found=found,
    )


def test_the_seat_sees_none_of_its_mounts(seat: Evidence, probe: Probe, variant: SimpleNamespace, folder: str) -> None:
    found = IN_THE_SEATS_NAMESPACE if dwellers(seat, probe, variant) else NOBODY
    leaked = [mount for mount in seat.mounts_of(seat.init) if f"{mount.target}/".startswith(f"{folder}/")]
    if leaked:
        found = T(
            "the seat itself has {fstype} mounted at {target}: it was mounted before the new namespace began, or came "
            "out of it by shared propagation",
            "a própria bancada tem {fstype} montado em {target}: foi montado antes de o namespace novo começar, ou "
            "saiu dele por propagação shared",
            fstype=leaked[0].fstype,
            target=leaked[0].target,
        )
    expect(
        apart(seat, probe, variant) and not leaked,
        expected=T(
            "nothing mounted in {folder} as the seat sees it: the mounts are the new namespace's alone",
            "nada montado em {folder} do ponto de vista da bancada: as montagens são só do namespace novo",
            folder=folder,
        ),
        found=found,
    )
