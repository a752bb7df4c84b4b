"""A service that listens on the network lives in a root of its own, and gives away nothing that lies outside."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence, Process
from bancada.judge import T, Text, expect

NAME = "chroot/caged-service"
LINKS = ("notes.html", "draft.html")
Probe = dict[str, Any]


def nobody_listens(variant: SimpleNamespace) -> Text:
    return T(
        "no process of yours listens on TCP port {port}",
        "nenhum processo seu escuta na porta TCP {port}",
        port=variant.port,
    )


def listening(seat: Evidence, port: int) -> list[Process]:
    """Processes, made by hand, that wait for clients on a TCP port of the seat's own network."""
    network = seat.network_of(seat.init)
    listeners = network.listeners if network else ()
    pids = {one.pid for one in listeners if one.protocol == "tcp" and one.port == port}
    return [process for process in seat.processes.by_hand() if process.pid in pids]


def other_ports(seat: Evidence) -> list[tuple[int, Process]]:
    """Where processes of the student's listen, whichever the port."""
    network = seat.network_of(seat.init)
    hand = {process.pid: process for process in seat.processes.by_hand()}
    listeners = network.listeners if network else ()
    return [(one.port, hand[one.pid]) for one in listeners if one.protocol == "tcp" and one.pid in hand]


def caged(seat: Evidence, folder: str) -> list[Process]:
    """Whose root lies in the folder; told by the directory too, for pivot_root(2) hides its path."""
    staged = seat.folder(NAME)
    directories = {file.id for file in staged.files.values() if file.id} if staged else set()
    others = seat.processes.by_hand().in_other_root()
    below = others.rooted_in(folder)
    return [process for process in others if process in below or process.root_id in directories]


def served_and_caged(seat: Evidence, folder: str, variant: SimpleNamespace) -> list[Process]:
    here = caged(seat, folder)
    return [process for process in listening(seat, variant.port) if process in here]


def is_served(probe: Probe, variant: SimpleNamespace) -> bool:
    return variant.word in probe["index"].get("body", "")


def test_the_page_with_the_word_is_served(seat: Evidence, probe: Probe, variant: SimpleNamespace) -> None:
    found = nobody_listens(variant)
    elsewhere = other_ports(seat)
    if "error" not in probe["index"]:
        found = T(
            "http://127.0.0.1:{port}/ answers with status {status}, and the word is not in it",
            "http://127.0.0.1:{port}/ responde com status {status}, e a palavra não está na resposta",
            port=variant.port,
            status=probe["index"]["status"],
        )
    elif listening(seat, variant.port):
        found = T(
            "process {pid} listens on port {port}, but gives no answer in HTTP ({error})",
            "o processo {pid} escuta na porta {port}, mas não dá resposta em HTTP ({error})",
            pid=listening(seat, variant.port)[0].pid,
            port=variant.port,
            error=probe["index"]["error"],
        )
    elif elsewhere:
        found = T(
            "nobody on port {port}; process {pid} ({command}) listens on port {other}",
            "ninguém na porta {port}; o processo {pid} ({command}) escuta na porta {other}",
            port=variant.port,
            pid=elsewhere[0][1].pid,
            command=elsewhere[0][1].command,
            other=elsewhere[0][0],
        )
    expect(
        is_served(probe, variant) and listening(seat, variant.port),
        expected=T(
            "a process of yours that answers at http://127.0.0.1:{port}/ with a page in which {word} stands",
            "um processo seu que responda em http://127.0.0.1:{port}/ com uma página em que esteja {word}",
            port=variant.port,
            word=variant.word,
        ),
        found=found,
    )


def test_the_process_that_listens_has_its_root_in_the_folder(
    seat: Evidence, folder: str, variant: SimpleNamespace
) -> None:
    found = nobody_listens(variant)
    others = caged(seat, folder)
    for process in listening(seat, variant.port):
        values = {"pid": process.pid, "command": process.command, "root": process.root, "cwd": process.cwd or "?"}
        if process.root != "/" and process.root_id == seat.init.root_id:
            found = T(
                "process {pid} listens and has {root} as root, but that is the seat's own root directory, mounted "
                "there once more",
                "o processo {pid} escuta e tem {root} como raiz, mas esse é o diretório raiz da própria bancada, "
                "montado mais uma vez ali",
                **values,
            )
        elif process.root_id != seat.init.root_id:
            found = T(
                "process {pid} listens and has another root, but it is not in the folder: {root}",
                "o processo {pid} escuta e tem outra raiz, mas ela não está na pasta: {root}",
                **values,
            )
        elif others:
            found = T(
                "process {pid} ({command}) listens, and its root is the seat's own; the one in the cage is another "
                "process, {other} ({other_command})",
                "o processo {pid} ({command}) escuta, e a raiz dele é a da própria bancada; quem está na jaula é outro "
                "processo, {other} ({other_command})",
                **values,
                other=others[0].pid,
                other_command=others[0].command,
            )
        else:
            found = T(
                "process {pid} ({command}) listens; it stands in {cwd}, but its root is the seat's own",
                "o processo {pid} ({command}) escuta; ele está em {cwd}, mas a raiz dele é a da própria bancada",
                **values,
            )
    expect(
        served_and_caged(seat, folder, variant),
        expected=T(
            "the process that listens on port {port} to have its root directory in {folder}",
            "que o processo que escuta na porta {port} tenha o diretório raiz em {folder}",
            port=variant.port,
            folder=folder,
        ),
        found=found,
    )


def test_no_file_outside_is_given_away(seat: Evidence, probe: Probe, variant: SimpleNamespace) -> None:
    found = T(
        "nobody serves the page, so nobody could be asked",
        "ninguém serve a página, então não houve a quem perguntar",
    )
    listeners = listening(seat, variant.port)
    if probe["leaks"]:
        found = T(
            "a visitor who asks for {path} gets the notes of private/",
            "um visitante que pede {path} recebe as anotações de private/",
            path=probe["leaks"][0],
        )
        foot = [p for p in listeners if p.root not in ("/", p.cwd) and not f"{p.cwd}/".startswith(f"{p.root}/")]
        if foot:
            found = T(
                "a visitor who asks for {path} gets the notes of private/: process {pid} has {root} as root, but its "
                "working directory is {cwd}, outside of it",
                "um visitante que pede {path} recebe as anotações de private/: o processo {pid} tem {root} como raiz, "
                "mas o diretório de trabalho dele é {cwd}, fora dela",
                path=probe["leaks"][0],
                pid=foot[0].pid,
                root=foot[0].root,
                cwd=foot[0].cwd,
            )
    expect(
        is_served(probe, variant) and not probe["leaks"],
        expected=T(
            "no answer with the notes of private/, whichever path is asked for",
            "nenhuma resposta com as anotações de private/, seja qual for o caminho pedido",
        ),
        found=found,
    )


def test_the_links_are_still_in_the_site(seat: Evidence, folder: str, probe: Probe, variant: SimpleNamespace) -> None:
    targets = {LINKS[0]: f"{folder}/private/notes.html", LINKS[1]: "../private/notes.html"}
    roots = [process.root_id for process in served_and_caged(seat, folder, variant)]
    sites = [site for one in probe["roots"] if tuple(one["root_id"]) in roots for site in one["sites"]]
    found = T(
        "nobody who listens on port {port} is in a cage",
        "ninguém que escuta na porta {port} está em uma jaula",
        port=variant.port,
    )
    if sites:
        best = max(sites, key=lambda site: len(site["links"]))
        found = T(
            "beside index.html in {path} of the cage there is no such link: {names}",
            "ao lado do index.html em {path} da jaula não há este link: {names}",
            path=best["path"],
            names=", ".join(name for name in LINKS if best["links"].get(name) != targets[name]),
        )
    elif roots:
        found = T("there is no index.html in the cage", "não há nenhum index.html na jaula")
    expect(
        any(site["links"] == targets for site in sites),
        expected=T(
            "both links in the cage beside index.html, as links, leading where they always led",
            "os dois links na jaula ao lado do index.html, como links, apontando para onde sempre apontaram",
        ),
        found=found,
    )
