"""A process sees a mount at a path where the seat sees none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence, Mount, Process, Processes
from bancada.judge import T, expect

NAME = "namespaces/mnt"
Probe = list[dict[str, Any]]
NOBODY = T(
    "no process of yours is in a mount namespace of its own",
    "nenhum processo seu está em um mount namespace próprio",
)


def apart(seat: Evidence) -> Processes:
    return seat.processes.by_hand().outside("mnt")


def mounts_at(room: str, mounts: tuple[Mount, ...]) -> list[Mount]:
    return [mount for mount in mounts if mount.target == room]


def dwellers(seat: Evidence, room: str) -> list[Process]:
    """Who is in a mount namespace of its own, in which something is mounted in the room."""
    return [process for process in apart(seat) if mounts_at(room, seat.mounts_of(process))]


def word_seen_by(process: Process, probe: Probe) -> str | None:
    """What the word in the room says there; None also where the room is the same directory as the seat's."""
    seen = (one["word"] for one in probe if one["ns"] == process.ns.get("mnt") and one["other"])
    word: str | None = next(seen, None)
    return word


def test_a_process_lives_in_a_mount_namespace_of_its_own(seat: Evidence, folder: str) -> None:
    found = T(
        "all processes that you started are in the seat's own mount namespace: if there was another, nobody keeps it",
        "todos os processos que você iniciou estão no mount namespace da própria bancada: se houve outro, ninguém o "
        "mantém vivo",
    )
    contained = seat.processes.outside("mnt").with_(container=True)
    if mounts_at(f"{folder}/room", seat.mounts_of(seat.init)):
        found = T(
            "the mount is there, but in the seat's own mount namespace, in which all of your processes are",
            "a montagem está lá, mas no mount namespace da própria bancada, em que estão todos os seus processos",
        )
    elif contained:
        found = T(
            "a container of Docker's has one ({pid} {command}); this exercise is done without Docker",
            "um contêiner do Docker tem um ({pid} {command}); este exercício se faz sem o Docker",
            pid=contained[0].pid,
            command=contained[0].command,
        )
    expect(
        apart(seat),
        expected=T(
            "a process that runs in a mount namespace other than the seat's own ({inode})",
            "um processo rodando em um mount namespace que não seja o da própria bancada ({inode})",
            inode=seat.init.ns["mnt"],
        ),
        found=found,
    )


def test_the_process_sees_a_mount_in_the_room(seat: Evidence, folder: str) -> None:
    found = NOBODY
    known = {mount.target for mount in seat.mounts_of(seat.init)}
    for process in apart(seat)[:1]:
        new = [mount.target for mount in seat.mounts_of(process) if mount.target not in known]
        values = {"pid": process.pid, "command": process.command}
        found = T(
            "process {pid} ({command}) is in a namespace of its own, but nothing is mounted in the room there",
            "o processo {pid} ({command}) está em um namespace próprio, mas lá não há nada montado no room",
            **values,
        )
        if new:
            found = T(
                "process {pid} ({command}) is in a namespace of its own, in which there is a mount elsewhere: {new}",
                "o processo {pid} ({command}) está em um namespace próprio, em que há uma montagem em outro lugar: "
                "{new}",
                **values,
                new=", ".join(new[:3]),
            )
        elif mounts_at(f"{folder}/room", seat.mounts_of(seat.init)):
            found = T(
                "process {pid} ({command}) is in a namespace of its own, but the room was mounted outside of it, on "
                "the seat, after the namespace had begun",
                "o processo {pid} ({command}) está em um namespace próprio, mas o room foi montado fora dele, na "
                "bancada, depois que o namespace começou",
                **values,
            )
    expect(
        dwellers(seat, f"{folder}/room"),
        expected=T(
            "a mount at {room} in the mount namespace of your process",
            "uma montagem em {room} no mount namespace do seu processo",
            room=f"{folder}/room",
        ),
        found=found,
    )


def test_the_mount_holds_the_word(seat: Evidence, folder: str, probe: Probe, variant: SimpleNamespace) -> None:
    room = f"{folder}/room"
    staged = seat.folder(NAME)
    found = NOBODY
    if apart(seat):
        found = T(
            "in no namespace of yours is anything mounted in the room",
            "em nenhum namespace seu há algo montado no room",
        )
    for process in dwellers(seat, room)[:1]:
        word = word_seen_by(process, probe)
        found = T(
            "process {pid} ({command}) sees no file word in the room",
            "o processo {pid} ({command}) não vê nenhum arquivo word no room",
            pid=process.pid,
            command=process.command,
        )
        if word is not None:
            found = T(
                'for process {pid} ({command}) the file says "{word}"',
                'para o processo {pid} ({command}) o arquivo diz "{word}"',
                pid=process.pid,
                command=process.command,
                word=word.split("\n")[0][:60],
            )
        elif staged and "room/word" in staged.files:
            found = T(
                "process {pid} ({command}) sees no file word in the room: it lies beneath the mount, on the seat",
                "o processo {pid} ({command}) não vê nenhum arquivo word no room: ele ficou embaixo da montagem, na "
                "bancada",
                pid=process.pid,
                command=process.command,
            )
    expect(
        any(word_seen_by(process, probe) == variant.word for process in dwellers(seat, room)),
        expected=T(
            "in {room}/word, as your process sees it, the word {word}",
            "em {room}/word, do ponto de vista do seu processo, a palavra {word}",
            room=room,
            word=variant.word,
        ),
        found=found,
    )


def test_the_seat_sees_none_of_it(seat: Evidence, folder: str) -> None:
    room = f"{folder}/room"
    found = NOBODY
    if apart(seat):
        found = T(
            "in no namespace of yours is anything mounted in the room, so there is nothing to hide",
            "em nenhum namespace seu há algo montado no room, então não há o que esconder",
        )
    staged = seat.folder(NAME)
    written = staged is not None and "room/word" in staged.files
    leaked = mounts_at(room, seat.mounts_of(seat.init))
    if leaked:
        found = T(
            "the seat, too, has {fstype} mounted at {room}: it was mounted in the seat's own namespace, or came out of "
            "yours by shared propagation",
            "a bancada também tem {fstype} montado em {room}: foi montado no namespace da própria bancada, ou saiu do "
            "seu por propagação shared",
            fstype=leaked[0].fstype,
            room=room,
        )
    elif written:
        found = T(
            "the seat, too, has a file {room}/word: it was written outside of the mount",
            "a bancada também tem um arquivo {room}/word: ele foi escrito fora da montagem",
            room=room,
        )
    expect(
        dwellers(seat, room) and not leaked and not written,
        expected=T(
            "for the seat itself neither a mount at {room} nor a file word in it, while your process has both",
            "para a própria bancada nem uma montagem em {room} nem um arquivo word lá, enquanto o seu processo tem os "
            "dois",
            room=room,
        ),
        found=found,
    )
