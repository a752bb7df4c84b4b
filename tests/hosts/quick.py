"""The quick form of the lesson: four exercises, in an image that is baked on this computer and only loaded there."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from computer import Computer
from image import DISK, ROOT, ensure_image
from lesson import Lesson, whole

from bancada.reach.run import as_root

NAME = "quick"
FILES = {
    "inventory/hosts.yml": "all:\n  hosts:\n    seat-01:\n",
    "inventory/group_vars/all.yml": (
        f"bancada_class: {NAME}\nbancada_course: some\nbancada_language: pt-BR\nbancada_provider: podman\n"
    ),
    "courses/some.yml": (
        "title:\n  en: Some exercises\n  pt-BR: Alguns exercícios\n"
        "exercises:\n  - chroot/minimal-root\n  - namespaces/uts\n  - namespaces/time\n  - namespaces/net\n"
    ),
}
"""A class: its inventory and its course."""
THERE = "turma"
"""Where it lies in maria's home."""


def quick(release: str, log: Path, *, before: str = "", prove: Sequence[str] = ()) -> Lesson:
    """Bake here, boot, load there, and all of a lesson but the reboot."""
    with tempfile.TemporaryDirectory(prefix="bancada-quick-") as name:
        drive = _baked(Path(name))
        image = ensure_image(release, ready=True)
        started = time.monotonic()
        with Computer(image, drive=drive) as computer:
            lesson = Lesson(
                computer, log, setting=f"BANCADA_INVENTORY=~/{THERE}/inventory BANCADA_COURSES=~/{THERE}/courses "
            )
            lesson.note("boot to SSH", f"Debian {release}", time.monotonic() - started)
            lesson.arrive(before)
            for path, text in FILES.items():
                computer.sh(f"mkdir -p ~/{THERE}/$(dirname {path}) && printf %s '{text}' >~/{THERE}/{path}")
            whole(lesson, reboot=False, image=True, prove=prove)
    return lesson


def _baked(folder: Path) -> Path:
    """A file system that is Podman's store with the image of the class's seats, baked here where it is not there yet.

    To load an archive there would take a quarter of an hour.
    """
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    own = {
        "BANCADA_INVENTORY": str(folder / "inventory"),
        "BANCADA_COURSES": str(folder / "courses"),
        "BANCADA_STATE": str(folder / "state"),
    }
    done = subprocess.run(
        ["./bancada", "bake"], cwd=ROOT, env={**os.environ, **own}, check=True, text=True, stdout=subprocess.PIPE
    )
    tag = next(word for word in done.stdout.split() if word.startswith("seat:"))
    archive, store, drive = folder / "image.tar", folder / "store", folder / "store.img"
    own_store = ["podman", "--root", str(store), "--runroot", str(folder / "run"), "--storage-driver", "overlay"]
    with drive.open("wb") as file:
        file.truncate(DISK)
    for argv in (
        ["podman", "save", "--quiet", "--output", str(archive), f"localhost/bancada/{tag}"],
        [*own_store, "load", "--quiet", "--input", str(archive)],
        ["rm", "-rf", str(store / "libpod"), str(store / "db.sql")],  # which say where it lies here
        ["mke2fs", "-q", "-t", "ext4", "-F", "-d", str(store), str(drive)],
        ["chmod", "644", str(drive)],
        ["rm", "-rf", "--one-file-system", str(archive), str(store), str(folder / "run")],
    ):
        subprocess.run(as_root(argv), check=True, stdout=subprocess.DEVNULL)
    return drive
