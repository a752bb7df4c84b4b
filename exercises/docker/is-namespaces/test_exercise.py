"""A Docker container, found in the kernel and joined without Docker."""

from __future__ import annotations

import re
from types import SimpleNamespace

from bancada.evidence import Evidence, Process
from bancada.evidence.processes import NsType
from bancada.judge import T, Text, expect

NAME = "docker/is-namespaces"
KEYS: dict[str, NsType] = {"mnt": "mnt", "uts": "uts", "ipc": "ipc", "net": "net", "pid_namespace": "pid"}


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
    """Why there is no first process."""
    if seat.engine.container(name):
        return T("the container {name} does not run", "o contêiner {name} não está rodando", name=name)
    return T("Docker knows no container {name}", "o Docker não conhece nenhum contêiner {name}", name=name)


def upper_of(seat: Evidence, process: Process) -> str | None:
    """upperdir of the overlay that is its root."""
    for mount in seat.mounts_of(process):
        if mount.target == "/" and mount.fstype == "overlay":
            return next((o.removeprefix("upperdir=") for o in mount.options if o.startswith("upperdir=")), None)
    return None


def test_the_pid_is_the_one_that_the_seat_sees(seat: Evidence, variant: SimpleNamespace) -> None:
    process = first_process(seat, variant.name)
    said = answers(seat).get("pid", "-")
    found = missing(seat, variant.name)
    if process:
        found = T("pid: {said}, which is no process of it", "pid: {said}, que não é processo dele", said=said)
        if said == str(process.nspid[-1]):
            found = T(
                "pid: {said}, the number that only the container itself sees",
                "pid: {said}, o número que só o próprio contêiner vê",
                said=said,
            )
    expect(
        process and said == str(process.pid),
        expected=T(
            "in answers.txt the pid, as the seat sees it, of the running container {name}",
            "em answers.txt o pid, como a bancada o vê, do contêiner {name}, que está rodando",
            name=variant.name,
        ),
        found=found,
    )


def test_the_namespaces_are_the_containers(seat: Evidence, variant: SimpleNamespace) -> None:
    process = first_process(seat, variant.name)
    written = {key: (re.findall(r"\d+", value) or ["-"])[-1] for key, value in answers(seat).items()}
    wrong = [key for key, kind in KEYS.items() if not process or written.get(key) != str(process.ns[kind])]
    found = missing(seat, variant.name)
    if process and wrong:
        key = wrong[0]
        found = T("{key}: {said}", "{key}: {said}", key=key, said=written.get(key, "-"))
        if written.get(key) == str(seat.init.ns[KEYS[key]]):
            found = T(
                "{key}: {said}, which is the seat's own namespace",
                "{key}: {said}, que é o namespace da própria bancada",
                key=key,
                said=written[key],
            )
    expect(
        not wrong,
        expected=T(
            "the inodes of the five namespaces of the container {name}",
            "os inodes dos cinco namespaces do contêiner {name}",
            name=variant.name,
        ),
        found=found,
    )


def test_cgroup_and_upper_directory_are_the_containers(seat: Evidence, variant: SimpleNamespace) -> None:
    process = first_process(seat, variant.name)
    cgroup, upper = (answers(seat).get(key, "-") for key in ("cgroup", "upper"))
    found = missing(seat, variant.name)
    right = False
    if process:
        groups = seat.cgroups_of(process)
        paths = {*process.cgroup.values(), *(one.path for one in groups), *(f for one in groups for f in one.folders)}
        # A line of a hierarchy that Docker does not use says "/", and that is a path too.
        path = cgroup.rsplit(":", 1)[-1]  # the whole line may stand there
        right = (path.rstrip("/") or path[:1]) in paths and upper.rstrip("/") == upper_of(seat, process)
        found = T(
            "cgroup: {cgroup} and upper: {upper}", "cgroup: {cgroup} e upper: {upper}", cgroup=cgroup, upper=upper
        )
    expect(
        right,
        expected=T(
            "the control group of the container {name}, and the upper directory of its overlay",
            "o grupo de controle do contêiner {name} e o diretório superior (upper) do overlay dele",
            name=variant.name,
        ),
        found=found,
    )


def test_a_process_of_yours_has_joined_by_hand(seat: Evidence, variant: SimpleNamespace) -> None:
    process = first_process(seat, variant.name)
    found = missing(seat, variant.name)
    joined: list[Process] = []
    if process:
        guests = [
            (one, shared)
            for one in seat.processes
            if one.pid != process.pid
            and (shared := [kind for kind in KEYS.values() if one.ns.get(kind) == process.ns[kind]])
        ]
        joined = [one for one, shared in guests if len(shared) == len(KEYS) and one.is_by_hand]
        found = T("nobody is in its namespaces but itself", "ninguém está nos namespaces dele além dele mesmo")
        by_docker = [one for one, _ in guests if one.container]
        # nsenter itself goes into all but the pid namespace, and waits outside of that
        partly = sorted((g for g in guests if g[0].is_by_hand), key=lambda guest: -len(guest[1]))
        if partly:
            found = T(
                "process {pid} ({command}) shares only these with it: {shared}",
                "o processo {pid} ({command}) só compartilha com ele: {shared}",
                pid=partly[0][0].pid,
                command=partly[0][0].command,
                shared=", ".join(partly[0][1]),
            )
        elif by_docker:
            found = T(
                "process {pid} ({command}) is there, but Docker put it there: it is in the container's control group",
                "o processo {pid} ({command}) está lá, mas foi o Docker que o pôs: ele está no grupo de controle do "
                "contêiner",
                pid=by_docker[0].pid,
                command=by_docker[0].command,
            )
    expect(
        joined,
        expected=T(
            "a process in the mnt, uts, ipc, net and pid namespaces of {name}, but not in its control group",
            "um processo nos namespaces mnt, uts, ipc, net e pid de {name}, mas não no grupo de controle dele",
            name=variant.name,
        ),
        found=found,
    )
