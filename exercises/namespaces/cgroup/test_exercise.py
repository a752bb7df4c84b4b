"""A process in a group of the student's own, with a cgroup namespace in which that group is the root."""

from __future__ import annotations

from types import SimpleNamespace

from bancada.evidence import Evidence, Process
from bancada.judge import T, expect

NOBODY = T(
    "no process of yours is in a cgroup namespace of its own",
    "nenhum processo seu está em um cgroup namespace próprio",
)


def inside(seat: Evidence) -> list[Process]:
    return list(seat.processes.by_hand().outside("cgroup"))


def trees_with_group(process: Process, name: str) -> list[str]:
    """Of version 1 the controllers, of version 2 "", in whose tree the process is in a group of this name."""
    names = (name, f"{name}.service", f"{name}.scope")  # systemd gives its groups the unit's name
    return [tree for tree, path in process.cgroup.items() if path.rsplit("/", 1)[-1] in names]


def view(seat: Evidence, process: Process, tree: str) -> str:
    return seat.cgroup_views.get(process.pid, {}).get(tree, "?")


def group_of(seat: Evidence, process: Process) -> str:
    """The path that tells most: one that a person made, or else that of its session or service."""
    paths = [path for tree, path in process.cgroup.items() if path != seat.init.cgroup.get(tree)]
    return min(paths, key=lambda path: path.endswith((".scope", ".service", ".slice")), default="/")


def test_a_process_lives_in_a_cgroup_namespace_of_its_own(seat: Evidence, variant: SimpleNamespace) -> None:
    found = T(
        "all processes that you started are in the seat's own cgroup namespace: if there was another, nobody keeps it",
        "todos os processos que você iniciou estão no cgroup namespace da própria bancada: se houve outro, ninguém o "
        "mantém vivo",
    )
    grouped = [process for process in seat.processes.by_hand() if trees_with_group(process, variant.name)]
    if grouped:
        found = T(
            "process {pid} ({command}) is in the group {name}, but in the seat's own cgroup namespace",
            "o processo {pid} ({command}) está no grupo {name}, mas no cgroup namespace da própria bancada",
            pid=grouped[0].pid,
            command=grouped[0].command,
            name=variant.name,
        )
    expect(
        inside(seat),
        expected=T(
            "a process that runs in a cgroup namespace other than the seat's own ({inode})",
            "um processo rodando em um cgroup namespace que não seja o da própria bancada ({inode})",
            inode=seat.init.ns["cgroup"],
        ),
        found=found,
    )


def test_the_seat_sees_it_in_your_control_group(seat: Evidence, variant: SimpleNamespace) -> None:
    found = NOBODY
    if candidates := inside(seat):
        process = candidates[0]
        found = T(
            "process {pid} ({command}) is in a cgroup namespace of its own, but in the group {path}",
            "o processo {pid} ({command}) está em um cgroup namespace próprio, mas no grupo {path}",
            pid=process.pid,
            command=process.command,
            path=group_of(seat, process),
        )
    expect(
        any(trees_with_group(process, variant.name) for process in inside(seat)),
        expected=T(
            "the process of the new namespace in a control group called {name}",
            "o processo do namespace novo em um control group chamado {name}",
            name=variant.name,
        ),
        found=found,
    )


def test_it_sees_your_group_as_the_root(seat: Evidence, variant: SimpleNamespace) -> None:
    found = NOBODY
    candidates = inside(seat)
    grouped = [process for process in candidates if trees_with_group(process, variant.name)]
    if candidates:
        found = T(
            "process {pid} ({command}) is in a cgroup namespace of its own, but not in the group",
            "o processo {pid} ({command}) está em um cgroup namespace próprio, mas não no grupo",
            pid=candidates[0].pid,
            command=candidates[0].command,
        )
    for process in grouped:
        for tree in trees_with_group(process, variant.name):
            if view(seat, process, tree) != "/":
                found = T(
                    "for process {pid} ({command}) the path of its group is {view}: its root is another group, the "
                    "one that it was in when the namespace began",
                    "para o processo {pid} ({command}) o caminho do grupo dele é {view}: a raiz é outro grupo, aquele "
                    "em que ele estava quando o namespace começou",
                    pid=process.pid,
                    command=process.command,
                    view=view(seat, process, tree),
                )
    expect(
        any(
            all(view(seat, process, tree) == "/" for tree in trees_with_group(process, variant.name))
            for process in grouped
        ),
        expected=T(
            "the path / for the group {name}, as its own process sees it",
            "o caminho / para o grupo {name}, visto pelo próprio processo dele",
            name=variant.name,
        ),
        found=found,
    )
