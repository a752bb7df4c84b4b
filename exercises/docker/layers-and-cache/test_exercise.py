"""Two versions of an image: what seldom changes lies below, is stored once, and nothing is buried in it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence
from bancada.judge import T, Text, expect

SIZES = {"codec.bin": 1500000, "parser.bin": 2000000, "render.bin": 2500000}
VERSIONS = ("1", "2")


def missing(seat: Evidence, name: str) -> list[str]:
    return [f"{name}:{version}" for version in VERSIONS if not seat.engine.image(f"{name}:{version}")]


def no_image(missing: list[str]) -> Text:
    return T("there is no image {tags}", "não existe a imagem {tags}", tags=", ".join(missing))


def layers(seat: Evidence, name: str, version: str) -> list[str]:
    image = seat.engine.image(f"{name}:{version}")
    return list(image["RootFS"].get("Layers") or []) if image else []


def steps(seat: Evidence, name: str, version: str) -> list[str]:
    """What made each of its layers, the lowest first, as far as its history tells."""
    image = seat.engine.image(f"{name}:{version}")
    history = reversed(image["History"] if image else [])
    made = [one.get("CreatedBy") or one.get("Comment") or "?" for one in history]
    # Steps that only note something make no layer; the old builder marks them so, BuildKit begins them with their name.
    return [
        one for one in made if "#(nop)  " not in one and one.startswith(("COPY", "ADD", "RUN", "/bin/sh", "Import"))
    ]


def test_each_version_says_which_it_is(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    said = {version: (probe[version]["version"] or "").strip() for version in VERSIONS}
    wanted = {"1": variant.first, "2": variant.second}
    ids = {image["Id"] for version in VERSIONS if (image := seat.engine.image(f"{variant.name}:{version}"))}
    absent = missing(seat, variant.name)
    found = T(
        "in {name}:1 it says: {one}; in {name}:2: {two}",
        "em {name}:1 está escrito: {one}; em {name}:2: {two}",
        name=variant.name,
        one=said["1"][:40] or "-",
        two=said["2"][:40] or "-",
    )
    if absent:
        found = no_image(absent)
    elif len(ids) == 1:
        found = T("both tags name one and the same image", "as duas tags são nomes de uma mesma imagem")
    expect(
        said == wanted,
        expected=T(
            "/app/version.txt to say {first} in {name}:1, and {second} in {name}:2",
            "que /app/version.txt diga {first} em {name}:1, e {second} em {name}:2",
            name=variant.name,
            first=variant.first,
            second=variant.second,
        ),
        found=found,
    )


def test_each_version_has_the_dependencies(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    lacking = [
        f"{variant.name}:{version} {name}"
        for version in VERSIONS
        for name, size in SIZES.items()
        if probe[version]["sizes"].get(name) != size
    ]
    absent = missing(seat, variant.name)
    expect(
        not lacking and not absent,
        expected=T(
            "the three files of the archive, whole, in /opt/dependencies of both images",
            "os três arquivos do tar, inteiros, em /opt/dependencies das duas imagens",
        ),
        found=no_image(absent)
        if absent
        else T(
            "not there, or of another size: {files}",
            "falta, ou tem outro tamanho: {files}",
            files=", ".join(lacking[:1]),
        ),
    )


def test_no_layer_still_has_the_archive(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    buried = [(version, one) for version in VERSIONS for one in probe[version]["archive"]]
    absent = missing(seat, variant.name)
    found = no_image(absent)
    if buried:
        version, one = buried[0]
        found = T(
            "layer {layer} of {name}:{version} holds {path} ({size} bytes), whatever a later layer hides of it",
            "a camada {layer} de {name}:{version} contém {path} ({size} bytes), mesmo que outra mais acima o esconda",
            name=variant.name,
            version=version,
            layer=one["layer"] + 1,
            path=one["path"],
            size=one["size"],
        )
    expect(
        not buried and not absent,
        expected=T(
            "no layer, of either image, that still holds the archive",
            "que nenhuma camada, de nenhuma das imagens, ainda contenha o arquivo tar",
        ),
        found=found,
    )


def test_the_versions_share_the_layer_of_the_dependencies(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    ours, theirs = (layers(seat, variant.name, version) for version in VERSIONS)
    shared = next((n for n, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), None)
    shared = min(len(ours), len(theirs)) if shared is None else shared
    heavy = max(probe[version]["complete"] for version in VERSIONS)
    absent = missing(seat, variant.name)
    made = steps(seat, variant.name, "2")
    found = T(
        "the first {shared} layers are the same; the dependencies lie in layer {heavy}, and so are there twice",
        "as primeiras {shared} camadas são iguais; as dependências estão na camada {heavy} e, portanto, em dobro",
        shared=shared,
        heavy=heavy + 1,
    )
    if absent:
        found = no_image(absent)
    elif heavy < 0:
        found = T("no layer has the dependencies", "nenhuma camada tem as dependências")
    elif len(made) == len(theirs) > shared:
        found = T(
            "the first {shared} layers are the same; then comes: {step}, and the dependencies lie above it, twice",
            "as primeiras {shared} camadas são iguais; aí vem: {step}, e as dependências ficam acima, em dobro",
            shared=shared,
            step=made[shared][:60],
        )
    expect(
        not absent and 0 <= heavy < shared,
        expected=T(
            "the layer with the dependencies, and all below it, to be the same in both images",
            "que a camada com as dependências, e todas abaixo dela, sejam as mesmas nas duas imagens",
        ),
        found=found,
    )
