"""A pid namespace that lives: an init, a second process, and a /proc that shows just them."""

from __future__ import annotations

from types import SimpleNamespace

from bancada.evidence import Evidence, Process, Processes
from bancada.judge import T, expect

NOBODY = T(
    "no process of yours is in a pid namespace of its own",
    "nenhum processo seu está em um pid namespace próprio",
)


def inits(seat: Evidence) -> Processes:
    return seat.processes.by_hand().outside("pid").where(lambda process: process.is_init_of_namespace)


def beside(seat: Evidence, init: Process) -> Processes:
    return seat.processes.inside("pid", init.ns["pid"]).where(lambda process: process.pid != init.pid)


def name_of(process: Process) -> str:
    return process.cmdline[0].rsplit("/", 1)[-1] if process.cmdline else process.comm


def test_init_of_a_new_pid_namespace_is_running(seat: Evidence) -> None:
    expected = T(
        "a running process that is pid 1 of a pid namespace of its own",
        "um processo rodando que seja o pid 1 de um pid namespace próprio",
    )
    found = NOBODY
    waiting = seat.processes.by_hand().where(
        lambda process: process.ns.get("pid_for_children") != process.ns.get("pid") and process.comm != "unshare"
    )
    contained = seat.processes.outside("pid").with_(container=True)
    if waiting:
        found = T(
            "process {pid} ({command}) runs, but in the seat's own pid namespace: only children of its would be in the "
            "new one",
            "o processo {pid} ({command}) está rodando, mas no pid namespace da própria bancada: só filhos dele "
            "estariam no novo",
            pid=waiting[0].pid,
            command=waiting[0].command,
        )
    elif contained:
        found = T(
            "a container of Docker's has one ({pid} {command}); this exercise is done without Docker",
            "um contêiner do Docker tem um ({pid} {command}); este exercício se faz sem o Docker",
            pid=contained[0].pid,
            command=contained[0].command,
        )
    expect(inits(seat), expected, found)


def test_a_second_process_lives_beside_init(seat: Evidence, variant: SimpleNamespace) -> None:
    expected = T(
        "a process called {name} beside init in the new namespace",
        "um processo chamado {name} ao lado do init no namespace novo",
        name=variant.name,
    )
    found = NOBODY
    if first := inits(seat):
        others = ", ".join(name_of(process) for process in beside(seat, first[0]))
        values = {"pid": first[0].pid, "others": others}
        found = T(
            "beside the init that the seat sees as {pid}: {others}",
            "ao lado do init que a bancada vê como {pid}: {others}",
            **values,
        )
        if not others:
            found = T(
                "the init that the seat sees as {pid} is alone in its namespace",
                "o init que a bancada vê como {pid} está sozinho no namespace dele",
                pid=first[0].pid,
            )
    named = [process for init in inits(seat) for process in beside(seat, init) if name_of(process) == variant.name]
    expect(named, expected, found)


def test_proc_in_the_namespace_shows_the_namespace(seat: Evidence) -> None:
    expected = T(
        "/proc, as the new init sees it, to show the new namespace",
        "que o /proc visto pelo novo init mostre o namespace novo",
    )
    found = NOBODY
    if first := inits(seat):
        init = first[0]
        values = {"pid": init.pid, "own": init.ns["pid"], "shown": init.proc_shows}
        found = T(
            "process {pid} is in pid namespace {own}, but the /proc that it sees shows pid namespace {shown}",
            "o processo {pid} está no pid namespace {own}, mas o /proc que ele vê mostra o pid namespace {shown}",
            **values,
        )
        if init.proc_shows == seat.init.ns["pid"]:
            found = T(
                "process {pid} is in pid namespace {own}, but the /proc that it sees is still the seat's ({shown}): "
                "it was not mounted anew",
                "o processo {pid} está no pid namespace {own}, mas o /proc que ele vê ainda é o da bancada ({shown}): "
                "não foi montado de novo",
                **values,
            )
        elif init.proc_shows is None:
            found = T(
                "process {pid} sees no proc filesystem at /proc",
                "o processo {pid} não vê nenhum sistema de arquivos proc em /proc",
                pid=init.pid,
            )
    expect(any(init.proc_shows == init.ns["pid"] for init in inits(seat)), expected, found)


def test_the_seat_keeps_its_own_proc(seat: Evidence) -> None:
    expect(
        seat.init.proc_shows == seat.init.ns["pid"],
        expected=T(
            "the seat's /proc to show the seat's own pid namespace ({own})",
            "que o /proc da bancada mostre o pid namespace da própria bancada ({own})",
            own=seat.init.ns["pid"],
        ),
        found=T(
            "another proc was mounted over it in the seat's own mount namespace; it shows {shown}",
            "outro proc foi montado por cima, no mount namespace da própria bancada; ele mostra {shown}",
            shown=seat.init.proc_shows,
        ),
    )
