"""Message queues that only the processes of one ipc namespace know."""

from __future__ import annotations

from types import SimpleNamespace

from bancada.evidence import Evidence, Ipc, Process
from bancada.judge import T, expect

NOBODY = T(
    "no process of yours is in an ipc namespace of its own",
    "nenhum processo seu está em um ipc namespace próprio",
)


def has_system_v(ipc: Ipc, variant: SimpleNamespace) -> bool:
    """The kernel prints the mode in octal digits; so is it written in the task."""
    return any(queue["perms"] == int(variant.mode) for queue in ipc.msg)


def system_v(ipc: Ipc) -> str:
    return ", ".join(str(queue["perms"]) for queue in ipc.msg) or "-"


def posix(ipc: Ipc) -> str:
    return ", ".join(f"/{name}" for name in sorted(ipc.queues)) or "-"


def room(seat: Evidence, variant: SimpleNamespace) -> tuple[Process, Ipc] | None:
    """Who lives in an ipc namespace, and what that holds; of several the one that has come farthest."""
    rooms = [(one, ipc) for one in seat.processes.by_hand().outside("ipc") if (ipc := seat.ipc_of(one))]
    return max(rooms, key=lambda one: has_system_v(one[1], variant) + (variant.queue in one[1].queues), default=None)


def test_a_process_lives_in_an_ipc_namespace_of_its_own(seat: Evidence) -> None:
    found = NOBODY
    contained = seat.processes.outside("ipc").with_(container=True)
    if contained:
        found = T(
            "a container of Docker's has one ({pid} {command}); this exercise is done without Docker",
            "um contêiner do Docker tem um ({pid} {command}); este exercício se faz sem o Docker",
            pid=contained[0].pid,
            command=contained[0].command,
        )
    expect(
        seat.processes.by_hand().outside("ipc"),
        expected=T(
            "a process that runs in an ipc namespace other than the seat's own ({inode})",
            "um processo rodando em um ipc namespace que não seja o da própria bancada ({inode})",
            inode=seat.init.ns["ipc"],
        ),
        found=found,
    )


def test_the_namespace_has_the_system_v_queue(seat: Evidence, variant: SimpleNamespace) -> None:
    living, found = room(seat, variant), NOBODY
    if living:
        process, ipc = living
        found = T(
            "in the ipc namespace of process {pid} there is no System V queue",
            "no ipc namespace do processo {pid} não há nenhuma fila System V",
            pid=process.pid,
        )
        if ipc.msg:
            found = T(
                "in the ipc namespace of process {pid} the modes of the System V queues are: {modes}",
                "no ipc namespace do processo {pid} os modos das filas System V são: {modes}",
                pid=process.pid,
                modes=system_v(ipc),
            )
    expect(
        living and has_system_v(living[1], variant),
        expected=T(
            "a System V message queue with mode {mode} in the new namespace",
            "uma fila de mensagens System V com o modo {mode} no namespace novo",
            mode=variant.mode,
        ),
        found=found,
    )


def test_the_namespace_has_the_posix_queue(seat: Evidence, variant: SimpleNamespace) -> None:
    living, found = room(seat, variant), NOBODY
    if living:
        process, ipc = living
        values = {"pid": process.pid, "queues": posix(ipc)}
        found = T(
            "POSIX queues in the ipc namespace of process {pid}: {queues}",
            "filas POSIX no ipc namespace do processo {pid}: {queues}",
            **values,
        )
        mounted = [mount for mount in seat.mounts_of(process) if mount.target == "/dev/mqueue"]
        if mounted and mounted[-1].fstype != "mqueue":
            found = T(
                "what process {pid} has at /dev/mqueue is {fstype}, where a file is just a file",
                "o que o processo {pid} tem em /dev/mqueue é {fstype}, onde um arquivo é só um arquivo",
                pid=process.pid,
                fstype=mounted[-1].fstype,
            )
    expect(
        living and variant.queue in living[1].queues,
        expected=T(
            "a POSIX message queue /{queue} in the new namespace",
            "uma fila de mensagens POSIX /{queue} no namespace novo",
            queue=variant.queue,
        ),
        found=found,
    )


def test_the_seat_has_neither_of_them(seat: Evidence, variant: SimpleNamespace) -> None:
    own = seat.ipc_of(seat.init) or Ipc({}, (), (), ())
    in_the_way = variant.queue in own.queues or has_system_v(own, variant)
    found = NOBODY
    if in_the_way:
        found = T(
            "in the seat's own ipc namespace: POSIX queues {queues}; modes of System V queues {modes}",
            "no ipc namespace da própria bancada: filas POSIX {queues}; modos das filas System V {modes}",
            queues=posix(own),
            modes=system_v(own),
        )
    expect(
        not in_the_way and room(seat, variant),
        expected=T(
            "queues in the new namespace, and neither of them in the seat's own",
            "as filas no namespace novo, e nenhuma das duas no da própria bancada",
        ),
        found=found,
    )
