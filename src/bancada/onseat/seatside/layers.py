"""What lies in the layers of Docker's images."""

import io
import json
import os
import subprocess
import tarfile
from typing import IO
from urllib.parse import quote

from bancada.onseat.seatside import engine
from bancada.onseat.seatside.base import Facts

LARGE = 300 << 20  # bytes of an image that is not looked into
SMALL = 4096  # bytes of a file whose text is told


def layers(image: str) -> list[dict[str, Facts]] | None:
    """What each layer of an image holds, the lowest first: path to type, size, text of a small file, target of a link.

    As `docker save` says it, whichever way Docker stores it: a file `.wh.NAME` hides NAME of the layers below. None
    where there is no such image, and of one so large that a look into it would take too long.
    """
    known = engine.api(f"/images/{quote(image, safe='')}/json")
    if known is None or known["Size"] > LARGE:
        return None
    documents: dict[str, bytes] = {}
    contents: dict[str, dict[str, Facts]] = {}
    links: dict[str, str] = {}
    with (
        subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as saving,
        tarfile.open(fileobj=saving.stdout, mode="r|") as archive,
    ):
        for member in archive:
            if member.issym():  # older versions of Docker: the same layer again
                links[member.name] = os.path.normpath(f"{os.path.dirname(member.name)}/{member.linkname}")
            elif file := archive.extractfile(member):
                start = file.read(512)
                if start[257:262] == b"ustar" or not start.strip(b"\0"):
                    contents[member.name] = _content(_Again(start, file))
                else:
                    documents[member.name] = start + file.read(LARGE)
    names = json.loads(documents["manifest.json"])[0]["Layers"] if "manifest.json" in documents else []
    return [contents[links.get(name, name)] for name in names]


def seen(stack: list[dict[str, Facts]], path: str) -> Facts | None:
    """What a container of these layers sees at a path ("www/index.html"); links on the way are not followed."""
    parts = path.split("/")
    above = [("/".join(parts[:n]), parts[n]) for n in range(len(parts))]  # each folder on the way, and what it holds
    for layer in reversed(stack):
        if path in layer:
            return layer[path]
        for folder, name in above:
            if f"{folder}/.wh.{name}".lstrip("/") in layer or f"{folder}/.wh..wh..opq".lstrip("/") in layer:
                return None
    return None


class _Again(io.RawIOBase):
    """A file that cannot be sought in, from its start again."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self._start, self._rest = start, rest

    def read(self, size: int = -1) -> bytes:
        said, self._start = self._start[:size], self._start[size:]
        return said + self._rest.read(size - len(said))


def _content(stream: _Again) -> dict[str, Facts]:
    """The entries of one layer's tar archive."""
    found = {}
    with tarfile.open(fileobj=stream, mode="r|") as layer:
        for entry in layer:
            one: Facts = {"type": "dir" if entry.isdir() else "link" if entry.issym() else "file", "size": entry.size}
            if entry.issym():
                one["target"] = entry.linkname
            elif entry.isreg() and entry.size <= SMALL and (file := layer.extractfile(entry)):
                one["text"] = file.read().decode("utf-8", "replace")
            found[os.path.normpath(entry.name)] = one
    return found
