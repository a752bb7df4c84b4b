"""Two containers in one net and one pid namespace, each with files of its own."""

from __future__ import annotations

from types import SimpleNamespace

from bancada.evidence import Evidence, Process
from bancada.evidence.processes import NsType
from bancada.judge import T, Text, expect


def first_process(seat: Evidence, name: str) -> Process | None:
    container = seat.engine.container(name)
    pid = container["State"]["Pid"] if container else 0
    return next(iter(seat.processes.with_(pid=pid)), None)


def both(seat: Evidence, variant: SimpleNamespace) -> tuple[Process | None, Process | None]:
    return first_process(seat, f"{variant.name}-server"), first_process(seat, f"{variant.name}-client")


def share(seat: Evidence, variant: SimpleNamespace, kind: NsType) -> tuple[bool, Text]:
    """Whether they share a namespace of this type that is not the seat's own; and what was found."""
    server, client = both(seat, variant)
    if not server or not client:
        name = f"{variant.name}-{'client' if server else 'server'}"
        return False, T("{name} does not run", "{name} não está rodando", name=name)
    if server.ns[kind] == client.ns[kind] == seat.init.ns[kind]:
        return False, T(
            "both are in the seat's own {kind} namespace", "os dois estão no {kind} namespace da própria bancada",
            kind=kind,
        )  # fmt: skip
    return server.ns[kind] == client.ns[kind], T(
        "{kind} namespace {one} of the server, {other} of the client",
        "{kind} namespace {one} do servidor, {other} do cliente",
        kind=kind,
        one=server.ns[kind],
        other=client.ns[kind],
    )


def test_they_share_a_net_namespace_of_their_own(seat: Evidence, variant: SimpleNamespace) -> None:
    shared, found = share(seat, variant, "net")
    expect(
        shared,
        expected=T(
            "{name}-server and {name}-client in the same net namespace, which is not the seat's",
            "{name}-server e {name}-client no mesmo net namespace, que não é o da bancada",
            name=variant.name,
        ),
        found=found,
    )


def test_they_share_a_pid_namespace_of_their_own(seat: Evidence, variant: SimpleNamespace) -> None:
    shared, found = share(seat, variant, "pid")
    expect(
        shared,
        expected=T(
            "{name}-server and {name}-client in the same pid namespace, which is not the seat's",
            "{name}-server e {name}-client no mesmo pid namespace, que não é o da bancada",
            name=variant.name,
        ),
        found=found,
    )


def test_the_server_serves_the_word_only_at_localhost(
    seat: Evidence, variant: SimpleNamespace, probe: dict[str, str]
) -> None:
    server = first_process(seat, f"{variant.name}-server")
    network = seat.network_of(server) if server else None
    listening = [one for one in network.listeners if one.port == variant.port] if network else []
    addresses = sorted(one.address for one in listening)
    found = T("nobody listens at port {port}", "ninguém escuta na porta {port}", port=variant.port)
    if addresses:
        found = T(
            "the server listens at {addresses}; the page says: {page}",
            "o servidor escuta em {addresses}; a página diz: {page}",
            addresses=", ".join(addresses),
            page=probe.get("served", "-").strip()[:60],
        )
    expect(
        addresses == ["127.0.0.1"] and variant.word in probe.get("served", ""),
        expected=T(
            "a page with {word}, served at 127.0.0.1:{port} and nowhere else",
            "uma página com {word}, servida em 127.0.0.1:{port} e em nenhum outro endereço",
            word=variant.word,
            port=variant.port,
        ),
        found=found,
    )


def test_the_client_has_the_page_in_files_of_its_own(
    seat: Evidence, variant: SimpleNamespace, probe: dict[str, str]
) -> None:
    server, client = both(seat, variant)
    found = T("not both of them run", "os dois não estão rodando")
    if server and client:
        found = T(
            "in /page of the client: {client}; of the server: {server}",
            "em /page do cliente: {client}; do servidor: {server}",
            client=probe.get("client", "-").strip()[:60],
            server=probe.get("server", "-").strip()[:60],
        )
    expect(
        server
        and client
        and server.ns["mnt"] != client.ns["mnt"]
        and variant.word in probe.get("client", "")
        and "server" not in probe,
        expected=T(
            "the page with {word} in /page of the client, and no such file in the server",
            "a página com {word} em /page do cliente, e nenhum arquivo assim no servidor",
            word=variant.word,
        ),
        found=found,
    )
