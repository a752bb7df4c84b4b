"""A container of Docker's, a process made by hand from the same files, and what the first has more."""

from __future__ import annotations

from types import SimpleNamespace

from bancada.evidence import Evidence, Process
from bancada.evidence.processes import NsType
from bancada.judge import T, expect

NAME = "docker/same-by-hand"
OWN: tuple[NsType, ...] = ("pid", "mnt", "uts", "ipc", "net")
YES, NO = {"yes", "y", "sim", "s"}, {"no", "n", "não", "nao"}
NOBODY = T("no process of yours has namespaces of its own", "nenhum processo seu tem namespaces próprios")


def answers(seat: Evidence) -> dict[str, str]:
    """The lines `key: value` of the student's file."""
    folder = seat.folder(NAME)
    file = folder.files.get("answers.txt") if folder else None
    lines = [line.partition(":") for line in ((file.text if file else None) or "").splitlines()]
    return {key.strip().lower(): value.strip().lower() for key, _, value in lines}


def contained(seat: Evidence, name: str) -> Process | None:
    container = seat.engine.container(name)
    pid = container["State"]["Pid"] if container else 0
    return next(iter(seat.processes.with_(pid=pid)), None)


def shared(seat: Evidence, process: Process, name: str) -> list[tuple[NsType, str]]:
    """Which of the five namespaces are not its own, and whose they are."""
    others = {"bancada": seat.init, name: contained(seat, name)}
    return [
        (kind, whose)
        for kind in OWN
        for whose, other in others.items()
        if other and process.ns.get(kind) == other.ns[kind]
    ]


def by_hand(seat: Evidence, name: str) -> list[Process]:
    """The processes that may be meant, best first: unshare itself, which waits outside, comes after its child."""
    candidates = [one for one in seat.processes.by_hand() if len(shared(seat, one, name)) < len(OWN)]
    return sorted(candidates, key=lambda one: (len(shared(seat, one, name)), one.root_id == seat.init.root_id))


def lacks(seat: Evidence, process: Process, files: dict[str, int]) -> list[str]:
    """What of the image is not in the process's root."""
    root = seat.root_of(process)
    return [path for path, size in files.items() if not root or not (f := root.files.get(path)) or f.size != size]


def made(seat: Evidence, name: str, files: dict[str, int]) -> Process | None:
    """The process that fulfils all."""
    whole = [one for one in by_hand(seat, name) if not shared(seat, one, name)]
    return next((one for one in whole if files and seat.root_of(one) and not lacks(seat, one, files)), None)


def has_cable(seat: Evidence, process: Process) -> bool:
    network = seat.network_of(process)
    return bool(network and any(i.name != "lo" and i.addresses for i in network.interfaces))


def added(seat: Evidence, container: Process, hand: Process) -> dict[str, bool]:
    """What the container has and the process by hand has not, as the kernel tells of both."""

    def masked(process: Process) -> bool:
        return any(mount.target.startswith("/proc/") for mount in seat.mounts_of(process))

    return {
        "seccomp": container.seccomp > hand.seccomp,
        "no_new_privs": container.no_new_privs > hand.no_new_privs,
        "capabilities": bool(hand.caps["Bnd"] & ~container.caps["Bnd"]),
        "cgroup": container.container and container.cgroup != hand.cgroup,
        "network": has_cable(seat, container) and not has_cable(seat, hand),
        "masked": masked(container) and not masked(hand),
        "user_namespace": container.ns["user"] != seat.init.ns["user"] and hand.ns["user"] == seat.init.ns["user"],
    }


def test_the_container_runs_with_its_option(seat: Evidence, variant: SimpleNamespace) -> None:
    process = contained(seat, variant.name)
    found = T("no container {name} runs", "nenhum contêiner {name} está rodando", name=variant.name)
    if process:
        found = T(
            "its first process has NoNewPrivs {privileges} and Seccomp {seccomp}",
            "o primeiro processo dele tem NoNewPrivs {privileges} e Seccomp {seccomp}",
            privileges=process.no_new_privs,
            seccomp=process.seccomp,
        )
    expect(
        process and (process.no_new_privs == 1 if variant.option == "no-new-privileges" else process.seccomp == 0),
        expected=T(
            "a running container {name}, started with {option}",
            "um contêiner {name} rodando, iniciado com {option}",
            name=variant.name,
            option=variant.option,
        ),
        found=found,
    )


def test_the_process_by_hand_has_namespaces_of_its_own(seat: Evidence, variant: SimpleNamespace) -> None:
    candidates = by_hand(seat, variant.name)
    found = NOBODY
    if candidates and (borrowed := shared(seat, candidates[0], variant.name)):
        found = T(
            "process {pid} ({command}) shares: {borrowed}",
            "o processo {pid} ({command}) compartilha: {borrowed}",
            pid=candidates[0].pid,
            command=candidates[0].command,
            borrowed=", ".join(f"{kind} ({whose})" for kind, whose in borrowed),
        )
    expect(
        any(not shared(seat, one, variant.name) for one in candidates),
        expected=T(
            "a process by hand in pid, mnt, uts, ipc and net namespaces that are neither the seat's nor the other's",
            "um processo feito à mão em pid, mnt, uts, ipc e net namespaces que não sejam da bancada nem do contêiner",
        ),
        found=found,
    )


def test_its_root_holds_the_files_of_the_image(seat: Evidence, variant: SimpleNamespace, probe: dict[str, int]) -> None:
    candidates = [one for one in by_hand(seat, variant.name) if not shared(seat, one, variant.name)]
    found = NOBODY
    if candidates:
        process = candidates[0]
        found = T(
            "the root of process {pid} ({command}) is the seat's own",
            "a raiz do processo {pid} ({command}) é a da própria bancada",
            pid=process.pid,
            command=process.command,
        )
        if seat.root_of(process):
            missing = lacks(seat, process, probe)
            found = T(
                "its root {root} lacks {count} of the image's files, such as {file}",
                "à raiz dele, {root}, faltam {count} arquivos da imagem, como {file}",
                root=process.root,
                count=len(missing),
                file=(missing or ["-"])[0],
            )
    expect(
        made(seat, variant.name, probe),
        expected=T(
            "the root of that process to be a directory with the image's files",
            "que a raiz desse processo seja um diretório com os arquivos da imagem",
        ),
        found=found,
    )


def test_the_answers_tell_what_docker_adds(seat: Evidence, variant: SimpleNamespace, probe: dict[str, int]) -> None:
    container, hand = contained(seat, variant.name), made(seat, variant.name, probe)
    said = answers(seat)
    wrong: list[str] = []
    found = T("there are not two to compare", "não há dois para comparar")
    if container and hand:
        facts = added(seat, container, hand)
        wrong = [key for key, fact in facts.items() if said.get(key) not in (YES if fact else NO)]
        found = T(
            "of {count} lines {wrong} are wrong or missing", "de {count} linhas, {wrong} estão erradas ou faltam",
            count=len(facts), wrong=len(wrong),
        )  # fmt: skip
    expect(
        container and hand and not wrong,
        expected=T(
            "in answers.txt, line by line, what the kernel shows of the two processes",
            "em answers.txt, linha por linha, o que o kernel mostra dos dois processos",
        ),
        found=found,
    )
