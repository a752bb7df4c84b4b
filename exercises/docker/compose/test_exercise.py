"""A project of two services: made by compose, in one network, in which names lead to containers."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence
from bancada.judge import T, Text, expect

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
NAMES = ("web", "client")
Container = Mapping[str, Any]


def labels(container: Container) -> Mapping[str, str]:
    return container["Config"].get("Labels") or {}


def service(seat: Evidence, project: str, name: str) -> Container | None:
    """The container of a service, rather one that runs; not one of `compose run`."""
    found = [
        one
        for one in seat.engine.containers
        if labels(one).get(PROJECT) == project
        and labels(one).get(SERVICE) == name
        and labels(one).get("com.docker.compose.oneoff", "False") == "False"
    ]
    return max(found, key=lambda one: bool(one["State"]["Running"]), default=None)


def networks(container: Container | None) -> dict[str, str]:
    """The networks that it is connected to: id to name."""
    connected = container["NetworkSettings"]["Networks"] if container else {}
    return {one["NetworkID"]: name for name, one in connected.items()}


def lacking(seat: Evidence, project: str) -> Text:
    """Why not both services run."""
    absent = [name for name in NAMES if not service(seat, project, name)]
    others = sorted({labels(one)[PROJECT] for one in seat.engine.containers if PROJECT in labels(one)} - {project})
    by_hand = [one["Name"].lstrip("/") for one in seat.engine.containers if PROJECT not in labels(one)]
    for name in NAMES if not absent else ():
        container = service(seat, project, name)
        if container and not container["State"]["Running"]:
            return T(
                "the service {name} is {state}, with exit code {code}",
                "o serviço {name} está {state}, com código de saída {code}",
                name=name,
                state=container["State"]["Status"],
                code=container["State"]["ExitCode"],
            )
    if len(absent) == len(NAMES) and others:
        return T(
            "there is a project of another name: {others}", "há um projeto com outro nome: {others}", others=others[0]
        )
    if len(absent) == len(NAMES) and by_hand:
        return T(
            "no container bears the labels of such a project; made without compose: {names}",
            "nenhum contêiner traz os rótulos desse projeto; criados sem o compose: {names}",
            names=", ".join(sorted(by_hand)[:3]),
        )
    return T("not there: {names}", "não existe: {names}", names=", ".join(absent) or "-")


def test_both_services_of_the_project_are_running(seat: Evidence, variant: SimpleNamespace) -> None:
    found = [service(seat, variant.name, name) for name in NAMES]
    expect(
        all(one and one["State"]["Running"] for one in found),
        expected=T(
            "a project {name} of compose's, with the running services web and client",
            "um projeto {name} do compose, com os serviços web e client rodando",
            name=variant.name,
        ),
        found=lacking(seat, variant.name),
    )


def test_the_services_share_a_network_of_the_project(seat: Evidence, variant: SimpleNamespace) -> None:
    web, client = (service(seat, variant.name, name) for name in NAMES)
    of_the_project = {
        one["Id"] for one in seat.engine.networks if (one.get("Labels") or {}).get(PROJECT) == variant.name
    }
    found = lacking(seat, variant.name)
    if web and client:
        found = T(
            "web is in: {web}; client is in: {client}",
            "web está em: {web}; client está em: {client}",
            web=", ".join(sorted(networks(web).values())) or "-",
            client=", ".join(sorted(networks(client).values())) or "-",
        )
    expect(
        networks(web).keys() & networks(client).keys() & of_the_project,
        expected=T(
            "both services in one network that compose made for the project",
            "os dois serviços em uma mesma rede, criada pelo compose para o projeto",
        ),
        found=found,
    )


def test_the_client_reaches_web_by_its_name(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    seen = probe["client"]
    answer = (seen or {}).get("answer") or {}
    addresses = (seen or {}).get("addresses") or []
    found = T("no client of the project is running", "nenhum client do projeto está rodando")
    if seen and not addresses:
        found = T(
            "in the client's network the name web leads to no address",
            "na rede do client, o nome web não leva a endereço algum",
        )
    elif seen:
        found = T(
            "web is {address}, but on port 80 there: {said}",
            "web é {address}, mas na porta 80 de lá: {said}",
            address=addresses[0],
            said=(answer.get("error") or answer.get("body", "").strip() or str(answer.get("status")))[:60],
        )
    expect(
        variant.word in answer.get("body", ""),
        expected=T(
            "a page with {word} for a client that asks for http://web/",
            "uma página com {word} para o client que pede http://web/",
            word=variant.word,
        ),
        found=found,
    )


def test_web_is_published_on_the_port(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    web, answer = service(seat, variant.name, "web"), probe["answer"]
    ports = (web["NetworkSettings"]["Ports"] or {}) if web else {}
    published = [one["HostPort"] for ours in ports.values() for one in ours or []]
    found = lacking(seat, variant.name)
    if web:
        found = T(
            "port {port} answers: {said}; published by web are: {ports}",
            "a porta {port} responde: {said}; o web publica: {ports}",
            port=variant.port,
            said=(answer.get("error") or answer.get("body", "").strip() or str(answer.get("status")))[:60],
            ports=", ".join(sorted(set(published))) or "-",
        )
    expect(
        str(variant.port) in published and variant.word in answer.get("body", ""),
        expected=T(
            "the page with {word} on port {port} of the bench, published by the service web",
            "a página com {word} na porta {port} da bancada, publicada pelo serviço web",
            word=variant.word,
            port=variant.port,
        ),
        found=found,
    )
