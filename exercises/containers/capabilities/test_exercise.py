"""A process of root's with one capability, no way to more, and a filter on its system calls."""

from __future__ import annotations

from types import SimpleNamespace

from bancada.evidence import Evidence, Process, Processes
from bancada.judge import T, expect

NAMES = (  # noqa: SIM905  # as a list, one to a line, it would fill a page
    "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service "
    "net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin "
    "sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override "
    "mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore"
).split()
"""By number: capability.h."""
NOBODY = T("no process of root's with that name is running", "nenhum processo do root com esse nome está rodando")


def named(seat: Evidence, variant: SimpleNamespace) -> Processes:
    """Those whose first word it is; in the line of the sudo that holds one the name stands further on."""
    return seat.processes.by_hand().where(lambda process: process.name == variant.name)


def of_root(seat: Evidence, variant: SimpleNamespace) -> Processes:
    return named(seat, variant).with_(uid=0).inside("user", seat.init.ns["user"])


def guard(seat: Evidence, variant: SimpleNamespace) -> Process | None:
    """The one that is judged: of several attempts that still run, that which fulfils most."""
    bits = mask(variant)

    def locks(process: Process) -> int:
        return only(process, bits) + bounded(process, bits) + bool(process.no_new_privs) + (process.seccomp == 2)

    return max(of_root(seat, variant), key=locks, default=None)


def mask(variant: SimpleNamespace) -> int:
    return 1 << NAMES.index(variant.cap.removeprefix("cap_"))


def spelled(bits: int) -> str:
    """A set of capabilities as words; a few of them, where they are many."""
    names = [f"cap_{name}" for number, name in enumerate(NAMES) if bits >> number & 1]
    return ", ".join(names[:4]) + (f" … ({len(names)})" if len(names) > 4 else "") if names else "-"


def only(process: Process, bits: int) -> bool:
    return process.caps["Prm"] == process.caps["Eff"] == bits


def bounded(process: Process, bits: int) -> bool:
    return not any(process.caps[name] & ~bits for name in ("Bnd", "Inh", "Amb"))


def test_the_process_runs_as_root(seat: Evidence, variant: SimpleNamespace) -> None:
    found = T("no process has that name", "nenhum processo tem esse nome")
    if others := named(seat, variant):
        process = others[0]
        found = T(
            "process {pid} has the name, but belongs to the user with uid {uid}",
            "o processo {pid} tem o nome, mas pertence ao usuário de uid {uid}",
            pid=process.pid,
            uid=process.uid,
        )
        if process.ns.get("user") != seat.init.ns["user"]:
            found = T(
                "process {pid} has the name, but is in a user namespace of its own: whoever is root in there is not "
                "the seat's root",
                "o processo {pid} tem o nome, mas está em um user namespace próprio: quem é root lá dentro não é o "
                "root da bancada",
                pid=process.pid,
            )
    expect(
        of_root(seat, variant),
        expected=T(
            "a process called {name} that belongs to root in the seat's own user namespace",
            "um processo chamado {name} que pertença ao root no user namespace da própria bancada",
            name=variant.name,
        ),
        found=found,
    )


def test_it_has_that_one_capability_and_no_other(seat: Evidence, variant: SimpleNamespace) -> None:
    found = NOBODY
    if mine := guard(seat, variant):
        caps = mine.caps
        found = T(
            "process {pid} is permitted {permitted}; in effect: {effective}",
            "ao processo {pid} é permitido: {permitted}; em efeito: {effective}",
            pid=mine.pid,
            permitted=spelled(caps["Prm"]),
            effective=spelled(caps["Eff"]),
        )
    expect(
        mine and only(mine, mask(variant)),
        expected=T(
            "{cap}, and nothing else, in its permitted and its effective set",
            "{cap}, e mais nada, nos conjuntos permitido e efetivo dele",
            cap=variant.cap,
        ),
        found=found,
    )


def test_no_other_capability_can_come_back(seat: Evidence, variant: SimpleNamespace) -> None:
    found = NOBODY
    if mine := guard(seat, variant):
        caps = mine.caps
        found = T(
            "in the sets of process {pid}: bounding {bounding}; inheritable {inheritable}; ambient {ambient}",
            "nos conjuntos do processo {pid}: limite (bounding) {bounding}; herdável {inheritable}; ambiente {ambient}",
            pid=mine.pid,
            bounding=spelled(caps["Bnd"]),
            inheritable=spelled(caps["Inh"]),
            ambient=spelled(caps["Amb"]),
        )
    expect(
        mine and bounded(mine, mask(variant)),
        expected=T(
            "nothing but {cap} in its bounding, inheritable and ambient sets",
            "nada além de {cap} nos conjuntos limite (bounding), herdável e ambiente dele",
            cap=variant.cap,
        ),
        found=found,
    )


def test_it_can_gain_nothing_by_starting_a_program(seat: Evidence, variant: SimpleNamespace) -> None:
    found = NOBODY
    if mine := guard(seat, variant):
        found = T(
            "process {pid} has not set it (NoNewPrivs: 0)",
            "o processo {pid} não a ativou (NoNewPrivs: 0)",
            pid=mine.pid,
        )
    expect(
        mine and mine.no_new_privs,
        expected=T("the flag no_new_privs on the process", "a flag no_new_privs no processo"),
        found=found,
    )


def test_its_system_calls_are_filtered(seat: Evidence, variant: SimpleNamespace) -> None:
    found = NOBODY
    if mine := guard(seat, variant):
        found = T(
            "process {pid} may make any system call (Seccomp: {mode})",
            "o processo {pid} pode fazer qualquer chamada de sistema (Seccomp: {mode})",
            pid=mine.pid,
            mode=mine.seccomp,
        )
    expect(
        mine and mine.seccomp == 2,
        expected=T("a seccomp filter on the process (Seccomp: 2)", "um filtro seccomp no processo (Seccomp: 2)"),
        found=found,
    )
