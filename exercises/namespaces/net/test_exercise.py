"""A net namespace with a server in it, and a cable from the seat that packets really pass through."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence, Interface, Network, Process
from bancada.judge import T, expect

NOBODY = T(
    "no process of yours is in a net namespace of its own",
    "nenhum processo seu está em um net namespace próprio",
)
NO_NETWORK = Network((), (), ())


def seats(variant: SimpleNamespace) -> str:
    return f"10.{variant.net}.77.1"


def inner(variant: SimpleNamespace) -> str:
    return f"10.{variant.net}.77.2"


def of_the_seat(seat: Evidence) -> Network:
    return seat.network_of(seat.init) or NO_NETWORK


def cables(seat: Evidence, network: Network) -> list[tuple[Interface, Interface]]:
    """Pairs with one end on the seat and the other one in this network."""
    return [
        (here, there)
        for here in of_the_seat(seat).interfaces
        for there in network.interfaces
        if here.kind == there.kind == "veth" and (here.peer_index, there.peer_index) == (there.index, here.index)
    ]


def room(seat: Evidence, variant: SimpleNamespace) -> tuple[Process, Network] | None:
    """Who lives in a net namespace, and that; of several the one that has come farthest."""
    rooms = [(one, net) for one in seat.processes.by_hand().outside("net") if (net := seat.network_of(one))]
    return max(
        rooms,
        key=lambda one: (one[1].interface_with(inner(variant)) is not None, len(cables(seat, one[1]))),
        default=None,
    )


def addresses(network: Network) -> str:
    """Without the loopback's, and those that the kernel gives by itself."""
    listed = [a for one in network.interfaces if one.kind != "loopback" for a in one.addresses]
    return ", ".join(one for one in listed if not one.startswith("fe80:")) or "-"


def test_a_process_lives_in_a_net_namespace_of_its_own(seat: Evidence) -> None:
    found = NOBODY
    empty = [one for one in seat.kept_of("net") if not one.path.startswith("/run/docker/")]
    contained = seat.processes.outside("net").with_(container=True)
    if empty:
        found = T(
            "{path} holds a net namespace, but no process is in it",
            "{path} segura um net namespace, mas não há nenhum processo nele",
            path=empty[0].path,
        )
    elif contained:
        found = T(
            "a container of Docker's has one ({pid} {command}); this exercise is done without Docker",
            "um contêiner do Docker tem um ({pid} {command}); este exercício se faz sem o Docker",
            pid=contained[0].pid,
            command=contained[0].command,
        )
    expect(
        seat.processes.by_hand().outside("net"),
        expected=T(
            "a process that runs in a net namespace other than the seat's own ({inode})",
            "um processo rodando em um net namespace que não seja o da própria bancada ({inode})",
            inode=seat.init.ns["net"],
        ),
        found=found,
    )


def test_a_veth_pair_leads_from_the_seat_into_the_namespace(seat: Evidence, variant: SimpleNamespace) -> None:
    living, found = room(seat, variant), NOBODY
    if living:
        process, network = living
        values = {
            "pid": process.pid,
            "inside": ", ".join(one.name for one in network.interfaces) or "-",
            "here": ", ".join(one.name for one in of_the_seat(seat).interfaces if one.kind == "veth"),
        }
        found = T(
            "the namespace of process {pid} has the interfaces {inside}, and the seat has no veth",
            "o namespace do processo {pid} tem as interfaces {inside}, e a bancada não tem nenhum veth",
            **values,
        )
        if values["here"]:
            found = T(
                "the namespace of process {pid} has the interfaces {inside}; none is the other end of a veth of the "
                "seat's ({here})",
                "o namespace do processo {pid} tem as interfaces {inside}; nenhuma é a outra ponta de um veth da "
                "bancada ({here})",
                **values,
            )
    expect(
        living and cables(seat, living[1]),
        expected=T(
            "a veth pair with one end on the seat and the other one in the namespace",
            "um par veth com uma ponta na bancada e a outra no namespace",
        ),
        found=found,
    )


def test_both_ends_have_their_addresses(seat: Evidence, variant: SimpleNamespace) -> None:
    living, found, right = room(seat, variant), NOBODY, False
    if living:
        here, there = of_the_seat(seat), living[1]
        right = bool(here.interface_with(seats(variant)) and there.interface_with(inner(variant)))
        right = right and not here.interface_with(inner(variant)) and not there.interface_with(seats(variant))
        found = T(
            "on the seat {here}; in the namespace {there}",
            "na bancada {here}; no namespace {there}",
            here=addresses(here),
            there=addresses(there),
        )
    expect(
        right,
        expected=T(
            "{here} on the seat alone, and {there} in the namespace alone",
            "{here} só na bancada e {there} só no namespace",
            here=seats(variant),
            there=inner(variant),
        ),
        found=found,
    )


def test_packets_pass_both_ways(seat: Evidence, variant: SimpleNamespace, probe: dict[str, Any]) -> None:
    living, found, passed = room(seat, variant), NOBODY, False
    if living:
        process, network = living
        into, back = probe["in"], process.ns["net"] in probe["out"]
        passed = into and back
        pairs = cables(seat, network)
        found = T(
            "neither reaches the other; the routes of the namespace: {routes}",
            "nenhum alcança o outro; as rotas do namespace: {routes}",
            routes=", ".join(route["dst"] for route in network.routes if "." in route["dst"]) or "-",
        )
        if into:
            found = T(
                "the seat reaches the namespace, not the other way",
                "a bancada alcança o namespace, mas não o contrário",
            )
        elif back:
            found = T(
                "the namespace reaches the seat, not the other way",
                "o namespace alcança a bancada, mas não o contrário",
            )
        elif not pairs:
            found = T("no cable leads there", "nenhum cabo leva até lá")
        elif not pairs[0][0].up:
            found = T("{name} is down, on the seat", "{name} está desativada, na bancada", name=pairs[0][0].name)
        elif not pairs[0][1].up:
            found = T("{name} is down, in the namespace", "{name} está desativada, no namespace", name=pairs[0][1].name)
    expect(
        passed,
        expected=T(
            "a ping from the seat to {there} and one from the namespace to {here}, and an answer to both",
            "um ping da bancada para {there} e um do namespace para {here}, e resposta aos dois",
            here=seats(variant),
            there=inner(variant),
        ),
        found=found,
    )


def test_the_server_in_the_namespace_answers_the_seat(
    seat: Evidence, variant: SimpleNamespace, probe: dict[str, Any]
) -> None:
    living, found, serves = room(seat, variant), NOBODY, False
    if living:
        there = [one for one in living[1].listeners if one.protocol == "tcp"]
        serves = "status" in probe["answer"] and any(one.port == variant.port for one in there)
        found = T(
            "nobody listens at that port in the namespace; open are there: {ports}",
            "ninguém escuta nessa porta no namespace; as abertas lá são: {ports}",
            ports=", ".join(f"{one.address}:{one.port}" for one in there) or "-",
        )
        at_it = [one for one in there if one.port == variant.port]
        on_seat = [one for one in of_the_seat(seat).listeners if one.port == variant.port]
        if at_it:
            found = T(
                "the server listens at {address}:{port} in the namespace, but {inner} does not answer the seat in HTTP",
                "o servidor escuta em {address}:{port} no namespace, mas {inner} não responde à bancada em HTTP",
                address=at_it[0].address,
                port=variant.port,
                inner=inner(variant),
            )
        elif on_seat:
            found = T(
                "process {pid} listens at that port, but in the seat's own net namespace",
                "o processo {pid} escuta nessa porta, mas no net namespace da própria bancada",
                pid=on_seat[0].pid,
            )
    expect(
        serves,
        expected=T(
            "a web server in the namespace that answers the seat at http://{inner}:{port}/",
            "um servidor web no namespace que responda à bancada em http://{inner}:{port}/",
            inner=inner(variant),
            port=variant.port,
        ),
        found=found,
    )
