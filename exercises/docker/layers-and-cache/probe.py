"""What lies in the layers of both versions, and what a container of each would see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat

ARCHIVE = "dependencies.tar"
FOLDER = "opt/dependencies"
FILES = ("codec.bin", "parser.bin", "render.bin")


def probe(seat: Seat) -> Any:
    return {version: look(seat, f"{seat.variant.name}:{version}") for version in ("1", "2")}


def look(seat: Seat, image: str) -> Any:
    stack = seat.layers(image) or []
    seen = {name: seat.seen(stack, f"{FOLDER}/{name}") or {} for name in FILES}
    version = seat.seen(stack, "app/version.txt") or {}
    return {
        "version": version.get("text"),
        "sizes": {name: one["size"] for name, one in seen.items() if "size" in one},
        # the lowest layer from which on all of them are there
        "complete": max((highest(stack, f"{FOLDER}/{name}") for name in FILES), default=-1),
        "archive": [
            {"layer": number, "path": path, "size": one["size"]}
            for number, layer in enumerate(stack)
            for path, one in layer.items()
            if path.rsplit("/", 1)[-1] == ARCHIVE or one["size"] > 6_000_000
        ],
    }


def highest(stack: list[Any], path: str) -> int:
    """The number of the highest layer that has the path, which is the one that a container sees; -1 without."""
    return max((number for number, layer in enumerate(stack) if path in layer), default=-1)
