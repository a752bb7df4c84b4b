"""The quick form of the lesson: three exercises, in an image that is baked on this computer and only loaded there."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from computer import Computer
from image import ROOT, ensure_image
from lesson import Lesson, whole

from bancada.run import as_root

NAME = "quick"
FILES = {
    "inventory/hosts.yml": "all:\n  hosts:\n    seat-01:\n",
    "inventory/group_vars/all.yml": (
        f"bancada_class: {NAME}\nbancada_course: three\nbancada_language: pt-BR\nbancada_provider: podman\n"
    ),
    "courses/three.yml": (
        "title:\n  en: Three exercises\n  pt-BR: Três exercícios\n"
        "exercises:\n  - chroot/minimal-root\n  - namespaces/uts\n  - namespaces/pid\n"
    ),
}
"""A class: its inventory and its course."""
THERE = "turma"
"""Where it lies in maria's home."""


def quick(release: str, log: Path) -> Lesson:
    """Bake here, boot, load there, and all of a lesson but the reboot."""
    with tempfile.TemporaryDirectory(prefix="bancada-quick-") as name:
        archive = _baked(Path(name))
        image = ensure_image(release, ready=True)
        started = time.monotonic()
        with Computer(image, drive=archive) as computer:
            lesson = Lesson(
                computer, log, setting=f"BANCADA_INVENTORY=~/{THERE}/inventory BANCADA_COURSES=~/{THERE}/courses "
            )
            lesson.note("boot to SSH", f"Debian {release}", time.monotonic() - started)
            computer.bring_checkout()
            for path, text in FILES.items():
                computer.sh(f"mkdir -p ~/{THERE}/$(dirname {path}) && printf %s '{text}' >~/{THERE}/{path}")
            whole(lesson, reboot=False, image=True)
    return lesson


def _baked(folder: Path) -> Path:
    """The image of the class's seats, as an archive, baked on this computer where it is not there yet."""
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
    archive = folder / "image.tar"
    subprocess.run(
        as_root(["podman", "save", "--quiet", "--output", str(archive), f"localhost/bancada/{tag}"]), check=True
    )
    subprocess.run(as_root(["chmod", "644", str(archive)]), check=True)
    return archive
