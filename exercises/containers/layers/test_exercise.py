"""Two overlays over one base, each with an upper of its own: what is done in the one stays there."""

from __future__ import annotations

from itertools import permutations
from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence
from bancada.judge import T, expect

NAME = "containers/layers"
ORIGINAL = "This came with the base.\n"
NO_PAIR = T("there are no two overlays over the base", "não há dois overlays sobre a base")


def base_of(seat: Evidence) -> dict[str, str | None]:
    """What the base holds, but for its directories; a text only where it is one."""
    folder = seat.folder(NAME)
    files = folder.files if folder else {}
    kept = {path: file for path, file in files.items() if path.startswith("base/") and file.type != "dir"}
    return {path.removeprefix("base/"): file.text for path, file in kept.items()}


def copies(seat: Evidence, changed: str) -> list[str]:
    """Directories of the folder that hold the base's files without being an overlay."""
    folder = seat.folder(NAME)
    tail = f"/etc/{changed}"
    return (
        [path.removesuffix(tail) for path in folder.files if path.endswith(tail) and path != f"base{tail}"]
        if folder
        else []
    )


def shown(text: str | None) -> str:
    return "-" if text is None else repr(text[:40])


def test_two_overlays_stand_on_the_base(seat: Evidence, variant: SimpleNamespace, probe: Any) -> None:
    found = T(
        "no overlay has base among its lower directories",
        "nenhum overlay tem base entre os diretórios de baixo (lower)",
    )
    if probe:
        found = T("only one: {target}", "só um: {target}", target=probe[0]["target"])
    elif copied := copies(seat, variant.changed):
        found = T(
            "no overlay has base as a lower directory; {path} holds files of its own",
            "nenhum overlay tem base como diretório de baixo (lower); {path} tem arquivos próprios",
            path=copied[0],
        )
    expect(
        len(probe) > 1,
        expected=T(
            "two mounts of type overlay, both with base as lowerdir, in the seat or where a process of yours lives",
            "duas montagens do tipo overlay, ambas com base como lowerdir, na bancada ou onde vive um processo seu",
        ),
        found=found,
    )


def test_each_overlay_has_an_upper_of_its_own(probe: Any) -> None:
    found = NO_PAIR
    if len(probe) > 1:
        found = T(
            "the overlays at {places} have these upper directories: {uppers}",
            "os overlays em {places} têm estes diretórios de cima (upper): {uppers}",
            places=", ".join(one["target"] for one in probe[:3]),
            uppers=", ".join(one["upper"] or "-" for one in probe[:3]),
        )
    expect(
        any(a["upper"] and b["upper"] and a["upper_id"] != b["upper_id"] for a, b in permutations(probe, 2)),
        expected=T("two overlays with different upper directories", "dois overlays com diretórios upper diferentes"),
        found=found,
    )


def test_a_file_is_changed_in_one_overlay_only(variant: SimpleNamespace, probe: Any) -> None:
    found = NO_PAIR
    if len(probe) > 1:
        found = T(
            "/etc/{name} says: {texts}",
            "/etc/{name} diz: {texts}",
            name=variant.changed,
            texts="; ".join(f"{one['target']}: {shown(one['changed'])}" for one in probe[:3]),
        )
    expect(
        any(variant.word in (a["changed"] or "") and b["changed"] == ORIGINAL for a, b in permutations(probe, 2)),
        expected=T(
            "the word {word} in /etc/{name} of one overlay, and in the other the file as it came with the base",
            "a palavra {word} em /etc/{name} de um overlay, e no outro o arquivo como veio com a base",
            word=variant.word,
            name=variant.changed,
        ),
        found=found,
    )


def test_a_file_is_deleted_in_one_overlay_only(variant: SimpleNamespace, probe: Any) -> None:
    found = NO_PAIR
    there = [one for one in probe if one["is_there"]]
    if len(probe) > 1:
        found = T("it is in none of them", "ele não está em nenhum deles")
        emptied = [one for one in there if one["deleted"] == ""]
        if len(there) == len(probe):
            found = T(
                "it is in all of them: {places}",
                "ele está em todos: {places}",
                places=", ".join(one["target"] for one in there[:3]),
            )
        if emptied:
            found = T(
                "in {place} it is empty, but still there",
                "em {place} ele está vazio, mas ainda existe",
                place=emptied[0]["target"],
            )
    expect(
        any(not a["is_there"] and b["deleted"] == ORIGINAL for a, b in permutations(probe, 2)),
        expected=T(
            "/etc/{name} deleted in one overlay, and whole in the other",
            "/etc/{name} apagado em um overlay e inteiro no outro",
            name=variant.deleted,
        ),
        found=found,
    )


def test_the_base_is_as_it_was(seat: Evidence, variant: SimpleNamespace) -> None:
    files = base_of(seat)
    texts = {f"etc/{name}": ORIGINAL for name in (variant.changed, variant.deleted)}
    wanted = {"bin/busybox", "bin/sh", *texts}
    differing = sorted(path for path, text in texts.items() if files.get(path, ORIGINAL) != text)
    found = T("the base is not there, or covered by a mount", "a base não existe, ou está coberta por uma montagem")
    if files:
        found = T(
            "other text in: {differing}; gone: {gone}; new: {new}",
            "outro texto em: {differing}; sumiram: {gone}; novos: {new}",
            differing=", ".join(differing) or "-",
            gone=", ".join(sorted(wanted - files.keys())) or "-",
            new=", ".join(sorted(files.keys() - wanted)[:3]) or "-",
        )
    expect(
        files.keys() == wanted and not differing,
        expected=T("the files of base, as they were staged", "os arquivos de base, como foram entregues"),
        found=found,
    )
