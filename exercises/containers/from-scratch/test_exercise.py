"""A container put together by hand: each ingredient is judged by itself, all of them on the same init."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence, Mount, Process, Processes
from bancada.judge import T, expect

NOBODY = T(
    "no process of yours is pid 1 of a pid namespace of its own",
    "nenhum processo seu é o pid 1 de um pid namespace próprio",
)
HARMFUL = {"cap_sys_ptrace": 19, "cap_sys_admin": 21, "cap_sys_time": 25}
"""By their numbers in capability.h."""
MIB = 1024 * 1024


def container(seat: Evidence) -> Process | None:
    """The init that is judged: of several, the one that has left most of the seat behind."""
    inits = seat.processes.by_hand().outside("pid").where(lambda process: process.is_init_of_namespace)
    own = seat.init.ns

    def distance(init: Process) -> tuple[int, int]:
        return sum(init.ns.get(kind) != own[kind] for kind in own), init.start

    return max(inits, key=distance, default=None)


def family(seat: Evidence, init: Process) -> list[Process]:
    """It and its descendants: not who came in later by nsenter(1)."""
    found = [init]
    for process in found:
        found.extend(seat.processes.children_of(process))
    return found


def old_root(seat: Evidence, init: Process) -> list[Mount]:
    """Mounts of the seat's own root directory that the container still has."""
    seats = next(mount for mount in reversed(seat.mounts_of(seat.init)) if mount.target == "/")

    def place(mount: Mount) -> tuple[object, ...]:
        layers = [option for option in mount.options if option.startswith(("lowerdir", "upperdir"))]
        return mount.fstype, mount.source, mount.root, *layers

    return [mount for mount in seat.mounts_of(init) if place(mount) == place(seats)]


def limit_of(seat: Evidence, process: Process) -> int | None:
    """Bytes that its group, or one above, allows it at most."""
    path = process.cgroup.get("memory", process.cgroup.get("", ""))
    above = [group for group in seat.cgroups if f"{group.path}/" in f"{path}/"]
    return min((group.memory_limit for group in above if group.memory_limit is not None), default=None)


def harmful(seat: Evidence, process: Process) -> list[str]:
    """Capabilities by which it could harm the seat, now or after its next execve(2); another user namespace's cannot.

    Root is permitted what its bounding set holds as soon as it starts a program, but not under no_new_privs.
    """
    if process.ns.get("user") != seat.init.ns["user"]:
        return []
    sets = ("Prm",) if process.no_new_privs else ("Prm", "Bnd")
    return [name for name, number in HARMFUL.items() if any(process.has_cap(number, kind) for kind in sets)]


def servers(seat: Evidence, init: Process, port: int) -> Processes:
    network = seat.network_of(init)
    pids = [listener.pid for listener in network.listeners if listener.port == port] if network else []
    return seat.processes.where(lambda process: process.pid in pids)


def test_init_is_pid_1_of_its_own_pid_namespace(seat: Evidence) -> None:
    found = NOBODY
    others = seat.processes.by_hand().outside("mnt")
    contained = seat.processes.outside("pid").with_(container=True)
    if others:
        found = T(
            "process {pid} ({command}) has a mount namespace of its own, but is in the seat's pid namespace",
            "o processo {pid} ({command}) tem um mount namespace próprio, mas está no pid namespace da bancada",
            pid=others[0].pid,
            command=others[0].command,
        )
    elif contained:
        found = T(
            "a container of Docker's has one ({pid} {command}); this one is made by hand",
            "um contêiner do Docker tem um ({pid} {command}); este aqui se faz à mão",
            pid=contained[0].pid,
            command=contained[0].command,
        )
    expect(
        container(seat),
        expected=T(
            "a running process that is pid 1 of a pid namespace of its own: the container's init",
            "um processo rodando que seja o pid 1 de um pid namespace próprio: o init do contêiner",
        ),
        found=found,
    )


def test_proc_shows_the_container(seat: Evidence) -> None:
    found = NOBODY
    if init := container(seat):
        found = T(
            "init ({pid}) sees a /proc of another pid namespace: it was not mounted from inside",
            "o init ({pid}) vê um /proc de outro pid namespace: ele não foi montado de dentro",
            pid=init.pid,
        )
        if init.proc_shows is None:
            found = T(
                "init ({pid}) sees no proc filesystem at /proc",
                "o init ({pid}) não vê nenhum sistema de arquivos proc em /proc",
                pid=init.pid,
            )
    expect(
        init and init.proc_shows == init.ns["pid"],
        expected=T(
            "/proc, as init sees it, to show its own pid namespace",
            "que o /proc visto pelo init mostre o pid namespace dele",
        ),
        found=found,
    )


def test_its_root_is_another_directory(seat: Evidence) -> None:
    found = NOBODY
    if init := container(seat):
        found = T(
            "the root directory of init ({pid}) is the seat's own",
            "o diretório raiz do init ({pid}) é o da própria bancada",
            pid=init.pid,
        )
    expect(
        init and init.root_id not in (None, seat.init.root_id),
        expected=T("a root directory of its own for init", "um diretório raiz próprio para o init"),
        found=found,
    )


def test_the_old_root_is_gone(seat: Evidence) -> None:
    found = NOBODY
    left: list[Mount] = []
    turned = False
    if init := container(seat):
        left = old_root(seat, init)
        apart = init.ns["mnt"] != seat.init.ns["mnt"]
        turned = apart and init.root == "/"
        if not apart:
            found = T(
                "init ({pid}) is in the seat's own mount namespace, whose root is the seat's",
                "o init ({pid}) está no mount namespace da própria bancada, cuja raiz é a da bancada",
                pid=init.pid,
            )
        elif not turned:
            found = T(
                "in its mount namespace the root is still the old one, and init ({pid}) merely stands in {root}, as "
                "after chroot",
                "no mount namespace dele a raiz ainda é a antiga, e o init ({pid}) só está dentro de {root}, como "
                "depois de um chroot",
                pid=init.pid,
                root=init.root,
            )
        elif left:
            found = T(
                "init ({pid}) still has the seat's root directory, mounted at {target}",
                "o init ({pid}) ainda tem o diretório raiz da bancada, montado em {target}",
                pid=init.pid,
                target=left[0].target,
            )
    expect(
        turned and not left,
        expected=T(
            "a mount namespace of its own, whose root was exchanged and holds no mount of the old one",
            "um mount namespace próprio, cuja raiz foi trocada e não tem nenhuma montagem da antiga",
        ),
        found=found,
    )


def test_it_has_a_hostname_of_its_own(seat: Evidence, variant: SimpleNamespace) -> None:
    found = NOBODY
    named = False
    if init := container(seat):
        names = seat.uts_of(init)
        apart = init.ns["uts"] != seat.init.ns["uts"]
        named = bool(names and names.hostname == variant.name and apart)
        found = T(
            "init ({pid}) sees the hostname {name}",
            "o init ({pid}) vê o hostname {name}",
            pid=init.pid,
            name=names.hostname if names else "?",
        )
        if not apart:
            found = T(
                "init ({pid}) shares the uts namespace of the seat, which is called {name}",
                "o init ({pid}) compartilha o uts namespace da bancada, que se chama {name}",
                pid=init.pid,
                name=seat.hostname,
            )
        elif seat.hostname == variant.name:
            found = T("the seat itself is called so now", "a própria bancada agora se chama assim")
    expect(
        named and seat.hostname != variant.name,
        expected=T(
            "the hostname {name} in the container, and in the container only",
            "o hostname {name} no contêiner, e só no contêiner",
            name=variant.name,
        ),
        found=found,
    )


def test_it_shares_no_ipc_with_the_seat(seat: Evidence) -> None:
    found = NOBODY
    if init := container(seat):
        found = T(
            "init ({pid}) is in the seat's own ipc namespace",
            "o init ({pid}) está no ipc namespace da própria bancada",
            pid=init.pid,
        )
    expect(
        init and init.ns["ipc"] != seat.init.ns["ipc"],
        expected=T("an ipc namespace of its own for init", "um ipc namespace próprio para o init"),
        found=found,
    )


def test_it_has_a_network_of_its_own(seat: Evidence, variant: SimpleNamespace) -> None:
    address = f"{variant.subnet}.2"
    found = NOBODY
    connected = False
    if init := container(seat):
        network = seat.network_of(init)
        interface = network.interface_with(address) if network else None
        apart = init.ns["net"] != seat.init.ns["net"]
        connected = bool(apart and interface and interface.up and interface.carrier)
        names = ", ".join(one.name for one in network.interfaces) if network else "?"
        found = T(
            "the container ({pid}) has these interfaces, none with that address: {names}",
            "o contêiner ({pid}) tem estas interfaces, nenhuma com esse endereço: {names}",
            pid=init.pid,
            names=names,
        )
        if not apart:
            found = T(
                "init ({pid}) is in the seat's own net namespace",
                "o init ({pid}) está no net namespace da própria bancada",
                pid=init.pid,
            )
        elif interface:
            found = T(
                "interface {name} has the address, but one of the two ends of the cable is not up",
                "a interface {name} tem o endereço, mas uma das duas pontas do cabo não está ativa",
                name=interface.name,
            )
    expect(
        connected,
        expected=T(
            "a net namespace of its own, with an interface that has {address} and somebody at its other end",
            "um net namespace próprio, com uma interface que tenha {address} e alguém na outra ponta",
            address=address,
        ),
        found=found,
    )


def test_its_memory_is_limited(seat: Evidence, variant: SimpleNamespace) -> None:
    found = NOBODY
    limited = False
    if init := container(seat):
        limits = [(process, limit_of(seat, process)) for process in family(seat, init)]
        limited = all(limit == variant.mib * MIB for _, limit in limits)
        if other := [(process, limit) for process, limit in limits if limit != variant.mib * MIB]:
            process, limit = other[0]
            values = {"pid": process.pid, "command": process.command}
            empty = [group.path for group in seat.cgroups if group.memory_limit == variant.mib * MIB]
            found = T(
                "the memory of process {pid} ({command}) is not limited",
                "a memória do processo {pid} ({command}) não é limitada",
                **values,
            )
            if limit is not None:
                found = T(
                    "the memory of process {pid} ({command}) is limited to {mib} MiB",
                    "a memória do processo {pid} ({command}) é limitada a {mib} MiB",
                    mib=f"{limit / MIB:g}",
                    **values,
                )
            elif empty:
                found = T(
                    "the group {group} has the limit, but process {pid} ({command}) is not in it",
                    "o grupo {group} tem o limite, mas o processo {pid} ({command}) não está nele",
                    group=empty[0],
                    **values,
                )
    expect(
        limited,
        expected=T(
            "init and all that it started in a group with a memory limit of {mib} MiB",
            "o init e tudo o que ele iniciou em um grupo com limite de memória de {mib} MiB",
            mib=variant.mib,
        ),
        found=found,
    )


def test_its_root_user_cannot_harm_the_seat(seat: Evidence) -> None:
    found = NOBODY
    harmless = False
    if init := container(seat):
        dangerous = [(process, names) for process in family(seat, init) if (names := harmful(seat, process))]
        harmless = not dangerous
        if dangerous:
            found = T(
                "process {pid} ({command}) is in the seat's user namespace, and has or can get back {names}",
                "o processo {pid} ({command}) está no user namespace da bancada e tem ou pode recuperar {names}",
                pid=dangerous[0][0].pid,
                command=dangerous[0][0].command,
                names=", ".join(dangerous[0][1]),
            )
    expect(
        harmless,
        expected=T(
            "the container in a user namespace of its own, or without {names} and any way to get them back",
            "o contêiner em um user namespace próprio, ou sem {names} e sem como recuperá-las",
            names=", ".join(HARMFUL),
        ),
        found=found,
    )


def test_the_page_is_served_from_inside(seat: Evidence, variant: SimpleNamespace, probe: dict[str, Any] | None) -> None:
    found = NOBODY
    answer = probe["answer"] if probe else {"error": "-"}
    inside = False
    if init := container(seat):
        listening = servers(seat, init, variant.port)
        inside = any(process in family(seat, init) for process in listening)
        if "error" in answer:
            found = T(
                "nobody answers there ({error})",
                "ninguém responde lá ({error})",
                error=answer["error"],
            )
        elif variant.word not in answer["body"]:
            found = T(
                "somebody answers there (status {status}), but the page does not have the word",
                "alguém responde lá (status {status}), mas a página não tem a palavra",
                status=answer["status"],
            )
        elif listening:
            found = T(
                "the page is right, but process {pid} ({command}), which serves it, was not started in the container",
                "a página está certa, mas o processo {pid} ({command}), que a serve, não foi iniciado no contêiner",
                pid=listening[0].pid,
                command=listening[0].command,
            )
        else:
            found = T(
                "the page is right, but nobody in the container listens at that port",
                "a página está certa, mas ninguém no contêiner escuta nessa porta",
            )
    expect(
        inside and variant.word in answer.get("body", ""),
        expected=T(
            "a page with {word} at http://{subnet}.2:{port}/, served by a process of the container",
            "uma página com {word} em http://{subnet}.2:{port}/, servida por um processo do contêiner",
            word=variant.word,
            subnet=variant.subnet,
            port=variant.port,
        ),
        found=found,
    )
