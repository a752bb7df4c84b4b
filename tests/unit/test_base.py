"""How the base system is made: mmdebstrap and its hooks are given every path whole, and the way to the mirror."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest

from bancada.inventory import Class, Seat, SeatVariables
from bancada.providers.podman.provider import Podman
from bancada.reach.paths import ROOT, ClassState, Project
from bancada.reach.run import Completed
from bancada.seats import bake
from bancada.words.i18n import Language
from bancada.words.progress import Progress

ODD = "Área de Trabalho/it's 100%"


def test_paths_are_whole_in_whatever_folder_and_the_proxy_gets_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def run(argv: Sequence[str], **_: Any) -> Completed:
        asked.append(list(argv))
        return Completed(tuple(argv), 0, "", "")

    monkeypatch.setattr(bake, "run", run)
    monkeypatch.setattr(bake, "need_room", lambda *_: None)
    monkeypatch.setattr(bake, "full_disk_explained", lambda *_: nullcontext())
    shutil.copytree(bake.BASE, tmp_path / ODD / "base")
    monkeypatch.setattr(bake, "BASE", tmp_path / ODD / "base")
    monkeypatch.setattr(bake, "_scratch", lambda _: nullcontext(tmp_path / ODD))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for what, answer in (("has_image", False), ("import_base", None), ("image_store", tmp_path)):
        monkeypatch.setattr(Podman, what, lambda *_, answer=answer: answer)
    project = Project(ROOT, tmp_path / ODD)
    variables = SeatVariables.model_validate({"bancada_class": "c", "bancada_proxy": "http://proxy.example:3128"})
    cls = Class("c", "", Language.EN, (), tmp_path, ClassState(tmp_path / ODD / "c"))
    bake.ensure_base(project, Podman(cls), Seat("seat-01", variables, {}), Progress(quiet=True))
    argv = next(argv for argv in asked if "mmdebstrap" in argv)
    settings = argv[argv.index("env") + 1 : argv.index("mmdebstrap")]
    assert "http_proxy=http://proxy.example:3128" in settings and "https_proxy=http://proxy.example:3128" in settings
    assert f"{tmp_path / ODD}" in next(one for one in settings if one.startswith("TMPDIR="))
    hooks = [word.partition("=")[2] for word in argv if "-hook=" in word]
    assert len(hooks) >= 4
    for hook in hooks:
        subprocess.run(["sh", "-n", "-c", hook], check=True)
    cache = str(bake.apt_cache(project, variables.bancada_release))
    words = [word for hook in hooks for word in shlex.split(hook)]
    assert sum(word.startswith(f"{cache}/") for word in words) == 2, "packages come from there and go there"
    assert f"{tmp_path / ODD}/base/customize.sh" in words


def test_bakes_of_one_checkout_wait_for_one_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They share a folder of packages, where apt waits for nobody; the second one finds the image."""
    project = Project(ROOT, tmp_path)
    images: set[str] = set()
    baked: list[str] = []

    def baking(*_: Any) -> None:
        baked.append("image")
        assert second.is_alive() and not done.is_set(), "the other one waits"
        images.add("image")

    def bake_too() -> None:
        begun.set()
        ensured.append(bake.ensure_image(*arguments))
        done.set()

    monkeypatch.setattr(bake, "image_tag", lambda *_: "image")
    monkeypatch.setattr(bake, "_bake", baking)
    provider = SimpleNamespace(has_image=images.__contains__)
    arguments: Any = (project, None, provider, None, Progress(quiet=True))
    begun, done = Event(), Event()
    ensured: list[tuple[str, bool]] = []
    second = Thread(target=bake_too)
    with bake._one_at_a_time(project, Progress(quiet=True)):
        second.start()
        begun.wait()
        baking()
    second.join(60)
    assert ensured == [("image", False)] and baked == ["image"]
