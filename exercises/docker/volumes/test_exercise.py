"""Data in a volume that outlives its writer, and a folder of the bench that a container can only read."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence
from bancada.judge import T, Text, expect


def lines(probe: Any) -> list[str]:
    return [line.strip() for line in (probe["diary"] or "").splitlines() if line.strip()]


def mount_at(container: Mapping[str, Any] | None, path: str) -> Mapping[str, Any]:
    """What Docker mounted there: Type, Name, Source, RW; {} for nothing."""
    return next((one for one in (container or {}).get("Mounts", []) if one["Destination"].rstrip("/") == path), {})


def no_reader(container: Mapping[str, Any] | None, name: str) -> Text:
    if not container:
        return T("there is no container {name}", "não existe o contêiner {name}", name=name)
    return T(
        "the container {name} is {state}, with exit code {code}",
        "o contêiner {name} está {state}, com código de saída {code}",
        name=name,
        state=container["State"]["Status"],
        code=container["State"]["ExitCode"],
    )


def test_the_volume_holds_the_diary(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    names = sorted(one["Name"][:12] for one in seat.engine.volumes)
    found = T(
        "there is no volume {name}; there are: {names}",
        "não existe o volume {name}; existem: {names}",
        name=variant.name,
        names=", ".join(names[:4]) or "-",
    )
    if seat.engine.volume(variant.name):
        found = T("the volume has no file diary.txt", "o volume não tem o arquivo diary.txt")
        if probe["diary"] is not None:
            found = T(
                "diary.txt in the volume begins with: {line}",
                "diary.txt no volume começa com: {line}",
                line=" / ".join(lines(probe))[:60] or "-",
            )
    expect(
        lines(probe)[:1] == [variant.word],
        expected=T(
            "a volume {name} with a file diary.txt whose first line is {word}",
            "um volume {name} com um arquivo diary.txt cuja primeira linha seja {word}",
            name=variant.name,
            word=variant.word,
        ),
        found=found,
    )


def test_its_writer_was_a_container_that_is_gone(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    writer = lines(probe)[1] if len(lines(probe)) > 1 else ""
    there = [one for one in seat.engine.containers if writer in (one["Config"]["Hostname"], one["Id"][:12])]
    found = T("no second line in diary.txt", "não há segunda linha em diary.txt")
    if writer == seat.hostname:
        found = T(
            "the second line is {writer}, the hostname of the bench itself: no container wrote it",
            "a segunda linha é {writer}, o hostname da própria bancada: não foi um contêiner que escreveu",
            writer=writer,
        )
    elif there:
        found = T(
            "the second line is {writer}, and that container is still there: {name}, {state}",
            "a segunda linha é {writer}, e esse contêiner ainda existe: {name}, {state}",
            writer=writer,
            name=there[0]["Name"].lstrip("/"),
            state=there[0]["State"]["Status"],
        )
    expect(
        writer and writer != seat.hostname and not there,
        expected=T(
            "as the second line of diary.txt the hostname of its writer, a container that was removed",
            "na segunda linha de diary.txt, o hostname de quem escreveu: um contêiner que já foi removido",
        ),
        found=found,
    )


def test_the_reader_has_the_volume(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    name = f"{variant.name}-reader"
    container = seat.engine.container(name)
    runs = bool(container and container["State"]["Running"])
    mount = mount_at(container, "/data")
    kernels = [one for one in probe["mounts"] if one["target"] == "/data"]
    found = no_reader(container, name)
    if runs and kernels and not mount:
        found = T(
            "at /data there is a {fstype}, which ends with the container",
            "em /data há um {fstype}, que acaba junto com o contêiner",
            fstype=kernels[-1]["fstype"],
        )
    elif runs and mount:
        found = T(
            "at /data is mounted: {type} {source}",
            "em /data está montado: {type} {source}",
            type=mount["Type"],
            source=(mount.get("Name") or mount.get("Source") or "-")[:40],
        )
    elif runs:
        found = T(
            "nothing is mounted at /data: what is there lies in the container's own layer",
            "nada está montado em /data: o que há ali está na camada do próprio contêiner",
        )
    expect(
        runs and mount.get("Name") == variant.name and variant.word in (probe["seen"] or ""),
        expected=T(
            "a running container {name} that has the volume {volume} at /data, and sees the diary in it",
            "um contêiner {name} rodando, com o volume {volume} em /data, que veja nele o diary.txt",
            name=name,
            volume=variant.name,
        ),
        found=found,
    )


def test_the_settings_can_only_be_read(seat: Evidence, variant: SimpleNamespace, folder: str, probe: Any) -> None:
    name = f"{variant.name}-reader"
    container = seat.engine.container(name)
    runs = bool(container and container["State"]["Running"])
    mount = mount_at(container, "/settings")
    kernels = [one["options"].split(",") for one in probe["mounts"] if one["target"] == "/settings"]
    right = mount.get("Type") == "bind" and mount.get("Source", "").rstrip("/") == f"{folder}/settings"
    found = no_reader(container, name)
    if runs and not mount:
        found = T(
            "nothing is mounted at /settings: a copy does not follow when the folder changes",
            "nada está montado em /settings: uma cópia não acompanha quando a pasta muda",
        )
    elif runs and not right:
        found = T(
            "at /settings is mounted: {type} {source}",
            "em /settings está montado: {type} {source}",
            type=mount.get("Type"),
            source=mount.get("Source"),
        )
    elif runs:
        found = T(
            "the folder is mounted there, but the container can write to it: {options}",
            "a pasta está montada ali, mas o contêiner pode escrever nela: {options}",
            options=",".join(kernels[-1][:3]) if kernels else "-",
        )
    expect(
        runs and right and bool(kernels) and "ro" in kernels[-1],
        expected=T(
            "the folder {folder}/settings at /settings of the container, read-only",
            "a pasta {folder}/settings em /settings do contêiner, só para leitura",
            folder=folder,
        ),
        found=found,
    )
