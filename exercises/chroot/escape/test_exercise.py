"""A process that was started in a chroot jail has the seat's own root again, and brought something back."""

from __future__ import annotations

from types import SimpleNamespace

from bancada.evidence import Evidence, Process
from bancada.judge import T, expect

NAME = "chroot/escape"
NOBODY = T(
    "nobody is in the jail, so nobody can have got out of it",
    "ninguém está na prisão, então ninguém pode ter saído dela",
)


def lies_in(path: str | None, folder: str) -> bool:
    return path is not None and f"{path}/".startswith(f"{folder}/")


def in_jail(seat: Evidence, folder: str) -> list[Process]:
    """Whose root is the jail or a directory below it: told by its path, and by the directory itself."""
    staged = seat.folder(NAME)
    files = staged.files if staged else {}
    directories = {file.id for path, file in files.items() if file.id and lies_in(path, "jail")}
    others = seat.processes.by_hand().in_other_root()
    return [one for one in others if lies_in(one.root, f"{folder}/jail") or one.root_id in directories]


def prisoners(seat: Evidence, folder: str) -> list[Process]:
    """Those in the jail that run a program of the jail: by an exec that happened in there."""
    return [one for one in in_jail(seat, folder) if one.exe and (lies_in(one.exe, f"{folder}/jail") or one.root == "/")]


def ancestors(seat: Evidence, process: Process) -> list[Process]:
    by_pid = {one.pid: one for one in seat.processes}
    found: list[Process] = []
    while (parent := by_pid.get((found[-1] if found else process).ppid)) and parent not in found:
        found.append(parent)
    return found


def escaped(seat: Evidence, folder: str) -> list[Process]:
    """Who has the seat's root, and a prisoner among the ancestors: a child inherits the root, so it was left.

    A child that was born before its parent went into the jail looks the same; the kernel does not remember when an
    exec was. Whoever builds that on purpose has understood what is asked.
    """
    inside = prisoners(seat, folder)
    free = seat.processes.by_hand().with_(root_id=seat.init.root_id)
    return [one for one in free if any(ancestor in inside for ancestor in ancestors(seat, one))]


def test_a_prisoner_lives_in_the_jail(seat: Evidence, folder: str) -> None:
    found = T(
        "no process has the jail as its root directory",
        "nenhum processo tem a prisão como diretório raiz",
    )
    free = seat.processes.by_hand().with_(root_id=seat.init.root_id)
    of_the_jail = free.where(lambda process: lies_in(process.exe, f"{folder}/jail"))
    if strangers := in_jail(seat, folder):
        found = T(
            "process {pid} has its root in the jail, but runs {exe}, which is not of the jail",
            "o processo {pid} tem a raiz na prisão, mas roda {exe}, que não é da prisão",
            pid=strangers[0].pid,
            exe=strangers[0].exe or "?",
        )
    elif of_the_jail:
        found = T(
            "process {pid} ({command}) runs a program of the jail, but its root is the seat's own and none of its "
            "ancestors is in the jail: the kernel cannot tell it from one that was never inside",
            "o processo {pid} ({command}) roda um programa da prisão, mas a raiz dele é a da própria bancada e nenhum "
            "dos seus ancestrais está na prisão: o kernel não o distingue de um que nunca esteve lá dentro",
            pid=of_the_jail[0].pid,
            command=of_the_jail[0].command,
        )
    expect(
        prisoners(seat, folder),
        expected=T(
            "a running process that has {jail} as its root directory and runs a program of the jail",
            "um processo rodando que tenha {jail} como diretório raiz e rode um programa da prisão",
            jail=f"{folder}/jail",
        ),
        found=found,
    )


def test_a_prisoner_got_out(seat: Evidence, folder: str) -> None:
    found = NOBODY
    inside = prisoners(seat, folder)
    if inside:
        found = T(
            "the processes that were started in the jail are all still in it, such as {pid} ({command})",
            "os processos iniciados na prisão continuam todos nela, como o {pid} ({command})",
            pid=inside[0].pid,
            command=inside[0].command,
        )
    for process in inside:
        values = {"pid": process.pid, "command": process.command, "root": process.root, "cwd": process.cwd or "?"}
        if process.cwd and process.root != "/" and not lies_in(process.cwd, process.root):
            found = T(
                "process {pid} ({command}) stands outside, in {cwd}, but its root is still {root}",
                "o processo {pid} ({command}) está do lado de fora, em {cwd}, mas a raiz dele ainda é {root}",
                **values,
            )
            break
        if process.root not in ("/", f"{folder}/jail"):
            found = T(
                "process {pid} ({command}) is even deeper in: its root is {root}",
                "o processo {pid} ({command}) está ainda mais fundo: a raiz dele é {root}",
                **values,
            )
    expect(
        escaped(seat, folder),
        expected=T(
            "a running process whose root directory is the seat's own, although its parent, or an ancestor, is a "
            "prisoner",
            "um processo rodando cujo diretório raiz seja o da própria bancada, embora o pai dele, ou um ancestral, "
            "seja um prisioneiro",
        ),
        found=found,
    )


def test_the_secret_was_brought_into_the_jail(seat: Evidence, folder: str, variant: SimpleNamespace) -> None:
    staged = seat.folder(NAME)
    files = staged.files if staged else {}
    answer = files.get("jail/answer")
    found = T("there is no file {folder}/jail/answer", "não existe o arquivo {folder}/jail/answer", folder=folder)
    if answer and (answer.text or "").strip():
        found = T(
            'the file says "{text}"', 'o arquivo diz "{text}"', text=(answer.text or "").strip().split("\n")[0][:60]
        )
    elif answer:
        found = T("the file says nothing", "o arquivo não diz nada")
    elif "answer" in files:
        found = T(
            "there is an answer beside the jail, in {folder}, not in it",
            "há um answer ao lado da prisão, em {folder}, e não dentro dela",
            folder=folder,
        )
    expect(
        answer and (answer.text or "").strip() == variant.secret,
        expected=T(
            "in {folder}/jail/answer what the treasure of this seat says",
            "em {folder}/jail/answer o que diz o treasure desta bancada",
            folder=folder,
        ),
        found=found,
    )
