"""What lies in the image, what was changed in the container since, and what the port answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat


def probe(seat: Seat) -> Any:
    variant = seat.variant
    stack = seat.layers(f"{variant.name}:1")
    changes = seat.docker(f"/containers/{variant.name}/changes") or []
    return {
        "layers": None if stack is None else len(stack),
        "page": seat.seen(stack or [], "www/index.html"),
        "changed": [change["Path"] for change in changes],
        "answer": seat.http("127.0.0.1", variant.port),
    }
