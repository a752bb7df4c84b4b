"""Two containers in a network of their own know each other by name; a third one does not reach them."""

from __future__ import annotations

import ipaddress
from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence, Process
from bancada.judge import T, expect


def first_process(seat: Evidence, name: str) -> Process | None:
    container = seat.engine.container(name)
    pid = container["State"]["Pid"] if container else 0
    return next(iter(seat.processes.with_(pid=pid)), None)


def subnet(variant: SimpleNamespace) -> str:
    return f"10.{variant.second}.{variant.third}.0/24"


def addresses(seat: Evidence, process: Process | None) -> list[str]:
    """IPv4 addresses of its net namespace, without the loopback's."""
    network = seat.network_of(process) if process else None
    listed = [a.split("/")[0] for i in network.interfaces if i.name != "lo" for a in i.addresses] if network else []
    return [address for address in listed if ":" not in address]


def lies_in(address: str, network: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network)


def test_the_network_has_the_subnet(seat: Evidence, variant: SimpleNamespace) -> None:
    network = seat.engine.network(variant.name)
    subnets = [one.get("Subnet") for one in network["IPAM"]["Config"] or []] if network else []
    found = T("no Docker network has this name", "nenhuma rede do Docker tem esse nome")
    if network:
        found = T("it has {subnets}", "ela tem {subnets}", subnets=", ".join(map(str, subnets)) or "-")
    expect(
        subnet(variant) in subnets,
        expected=T(
            "a Docker network {name} with the subnet {subnet}",
            "uma rede do Docker {name} com a sub-rede {subnet}",
            name=variant.name,
            subnet=subnet(variant),
        ),
        found=found,
    )


def test_both_containers_have_an_address_in_it(seat: Evidence, variant: SimpleNamespace) -> None:
    names = [f"{variant.name}-a", f"{variant.name}-b"]
    has = {name: addresses(seat, first_process(seat, name)) for name in names}
    astray = [name for name in names if not any(lies_in(one, subnet(variant)) for one in has[name])]
    found = T("-", "-")
    if astray:
        name = astray[0]
        found = T("{name} does not run", "{name} não está rodando", name=name)
        if first_process(seat, name):
            found = T(
                "{name} has {addresses}", "{name} tem {addresses}", name=name, addresses=", ".join(has[name]) or "-"
            )
    expect(
        not astray,
        expected=T(
            "containers {names} running, each with an address in {subnet}",
            "contêineres {names} rodando, cada um com um endereço em {subnet}",
            names=", ".join(names),
            subnet=subnet(variant),
        ),
        found=found,
    )


def test_they_reach_each_other_by_name(variant: SimpleNamespace, probe: dict[str, Any]) -> None:
    lost = [pair for pair in ("ab", "ba") if not probe.get(pair, {}).get("arrives")]
    found = T("not both of them run", "os dois não estão rodando")
    if lost and lost[0] in probe:
        here, there = lost[0][0], lost[0][1]
        address = probe[lost[0]].get("address")
        values = {"here": f"{variant.name}-{here}", "there": f"{variant.name}-{there}", "address": address}
        found = T("{here} finds no address for {there}", "{here} não acha endereço para {there}", **values)
        if address:
            found = T(
                "{here} finds {address} for {there}, and a ping to that does not arrive",
                "{here} acha {address} para {there}, e um ping para lá não chega",
                **values,
            )
    expect(
        not lost,
        expected=T(
            "{name}-a and {name}-b to reach each other by name",
            "que {name}-a e {name}-b se alcancem pelo nome",
            name=variant.name,
        ),
        found=found,
    )


def test_the_third_does_not_reach_them(seat: Evidence, variant: SimpleNamespace, probe: dict[str, Any]) -> None:
    name = f"{variant.name}-c"
    process = first_process(seat, name)
    container = seat.engine.container(name)
    networks = list(container["NetworkSettings"]["Networks"]) if container else []
    reached = [pair for pair in ("ca", "cb") if probe.get(pair, {}).get("arrives")]
    found = T("{name} does not run", "{name} não está rodando", name=name)
    if process:
        found = T("{name} is in {networks}", "{name} está em {networks}", name=name, networks=", ".join(networks))
    if process and reached:
        found = T(
            "a ping from {name} arrives; it has {addresses}, in {networks}",
            "um ping de {name} chega; ele tem {addresses}, em {networks}",
            name=name,
            addresses=", ".join(addresses(seat, process)),
            networks=", ".join(networks),
        )
    expect(
        process and networks == ["bridge"] and {"ca", "cb"} <= set(probe) and not reached,
        expected=T(
            "the container {name} running in the network bridge alone, and reaching neither of the other two",
            "o contêiner {name} rodando só na rede bridge, sem alcançar nenhum dos outros dois",
            name=name,
        ),
        found=found,
    )
