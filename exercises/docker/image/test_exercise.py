"""An image that is whole in itself, and a container that needs nothing but the image."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from bancada.evidence import Engine, Evidence
from bancada.judge import T, Text, expect

BASE = "busybox:local"
PAGE = "/www/index.html"
TITLE = "org.opencontainers.image.title"
PORT = "80/tcp"


def no_image(engine: Engine, name: str) -> Text:
    """Why there is no image of the tag: the nearest thing to it that is there."""
    tags = [tag for image in engine.images for tag in image["RepoTags"] or []]
    near = [tag for tag in tags if tag.split(":")[0].rsplit("/", 1)[-1] == name]
    if near:
        return T(
            "the name has another tag: {tags}", "o nome está com outra tag: {tags}", tags=", ".join(sorted(near)[:3])
        )
    return T(
        "there is no image {name}:1, only: {tags}",
        "não existe a imagem {name}:1, só: {tags}",
        name=name,
        tags=", ".join(sorted(tags)[:5]) or "-",
    )


def starts(image: Mapping[str, Any] | None) -> list[str]:
    """Program and arguments that a container runs to which nobody gave a command."""
    config = (image or {}).get("Config") or {}
    return [*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])]


def covers(mounts: list[Mapping[str, Any]], path: str) -> list[str]:
    """Mounts of a container on this path, or on a folder on the way to it."""
    return [mount["Destination"] for mount in mounts if f"{path}/".startswith(mount["Destination"].rstrip("/") + "/")]


def test_the_image_holds_the_page(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    image = seat.engine.image(f"{variant.name}:1")
    page = probe["page"]
    found = no_image(seat.engine, variant.name)
    if image and not page:
        found = T("the image has no file {page}", "a imagem não tem o arquivo {page}", page=PAGE)
        if probe["layers"] is None:
            found = T("an image of {size} bytes", "uma imagem de {size} bytes", size=image["Size"])
    elif image:
        found = T(
            "{page} in the image says: {text}",
            "{page} na imagem diz: {text}",
            page=PAGE,
            text=page.get("text", "?")[:60],
        )
    expect(
        page and variant.word in page.get("text", ""),
        expected=T(
            "an image {name}:1 with a file {page} that says {word}",
            "uma imagem {name}:1 com um arquivo {page} que diga {word}",
            name=variant.name,
            page=PAGE,
            word=variant.word,
        ),
        found=found,
    )


def test_the_image_says_what_it_starts(seat: Evidence, variant: SimpleNamespace) -> None:
    image = seat.engine.image(f"{variant.name}:1")
    found = no_image(seat.engine, variant.name)
    if image:
        found = T(
            "it starts: {command}; that is what it took over from {base}",
            "ela inicia: {command}; foi o que herdou de {base}",
            command=" ".join(starts(image)) or "-",
            base=BASE,
        )
    expect(
        starts(image) and starts(image) != starts(seat.engine.image(BASE)),
        expected=T(
            "an image that says by itself which program a container of it starts",
            "uma imagem que diga sozinha qual programa um contêiner dela inicia",
        ),
        found=found,
    )


def test_the_image_bears_its_title_and_its_port(seat: Evidence, variant: SimpleNamespace) -> None:
    image = seat.engine.image(f"{variant.name}:1")
    found = no_image(seat.engine, variant.name)
    labels: Mapping[str, str] = {}
    ports: Mapping[str, Any] = {}
    if image:
        labels, ports = image["Config"].get("Labels") or {}, image["Config"].get("ExposedPorts") or {}
        found = T(
            "title: {title}; exposed ports: {ports}",
            "título: {title}; portas expostas: {ports}",
            title=labels.get(TITLE, "-"),
            ports=", ".join(ports) or "-",
        )
    expect(
        labels.get(TITLE) == variant.name and PORT in ports,
        expected=T(
            "the label {label} with {name}, and the port {port}, in the image's own notes",
            "o rótulo {label} com {name}, e a porta {port}, nas anotações da própria imagem",
            label=TITLE,
            name=variant.name,
            port=PORT,
        ),
        found=found,
    )


def test_a_container_of_the_image_is_running(seat: Evidence, variant: SimpleNamespace) -> None:
    image = seat.engine.image(f"{variant.name}:1")
    container = seat.engine.container(variant.name)
    runs = bool(container and container["State"]["Running"])
    own = bool(container and image and container["Image"] == image["Id"])
    found = T("there is no container {name}", "não existe o contêiner {name}", name=variant.name)
    if container and not runs:
        found = T(
            "the container {name} is there, but {state}; its first process ended with code {code}",
            "o contêiner {name} existe, mas está {state}; o primeiro processo dele terminou com o código {code}",
            name=variant.name,
            state=container["State"]["Status"],
            code=container["State"]["ExitCode"],
        )
    elif container and not own:
        found = T(
            "it runs from {image}, which is not the image that is now called {name}:1",
            "ele roda a partir de {image}, que não é a imagem que agora se chama {name}:1",
            image=container["Config"]["Image"],
            name=variant.name,
        )
    elif container:
        found = T(
            "it was told to run something else than the image says: {command}",
            "mandaram que ele rodasse outra coisa, e não o que a imagem diz: {command}",
            command=" ".join(starts(container)),
        )
    expect(
        runs and own and starts(container) == starts(image),
        expected=T(
            "a running container {name} of the image {name}:1, which does what the image says",
            "um contêiner {name} rodando a partir da imagem {name}:1, que faça o que a imagem diz",
            name=variant.name,
        ),
        found=found,
    )


def test_the_page_of_the_image_is_served_on_the_port(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    container = seat.engine.container(variant.name)
    answer = probe["answer"]
    mounted = covers(container["Mounts"], PAGE) if container else []
    changed = [path for path in probe["changed"] if path.startswith("/www/") or path.endswith("/index.html")]
    served = variant.word in answer.get("body", "")
    published = container["NetworkSettings"]["Ports"] or {} if container else {}
    ours = [f"{port['HostPort']} -> {inside}" for inside, ports in published.items() for port in ports or []]
    found = T(
        "port {port} gives no page ({error}); published are: {ports}",
        "a porta {port} não entrega página alguma ({error}); estão publicadas: {ports}",
        port=variant.port,
        error=answer.get("error", answer.get("status")),
        ports=", ".join(sorted(set(ours))) or "-",
    )
    if served and mounted:
        found = T(
            "the page is served, but {where} is mounted into the container and hides what the image has",
            "a página é servida, mas {where} está montado no contêiner e esconde o que a imagem tem",
            where=mounted[0],
        )
    elif served and changed:
        found = T(
            "the page is served, but {path} was changed in the container after it was made",
            "a página é servida, mas {path} foi mudado no contêiner depois de criado",
            path=changed[0],
        )
    elif served:
        found = T(
            "the page is served there, but not by the container {name}",
            "a página é servida ali, mas não pelo contêiner {name}",
            name=variant.name,
        )
    elif "body" in answer:
        found = T(
            "port {port} answers {status}, without the word",
            "a porta {port} responde {status}, sem a palavra",
            port=variant.port,
            status=answer["status"],
        )
    expect(
        served and not mounted and not changed and any(one.startswith(f"{variant.port} ") for one in ours),
        expected=T(
            "the image's page, with {word}, on port {port} of the bench",
            "a página da imagem, com {word}, na porta {port} da bancada",
            word=variant.word,
            port=variant.port,
        ),
        found=found,
    )
