"""What is served at localhost in the server's net namespace, and what /page says in both containers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat


def probe(seat: Seat) -> Any:
    """{"served": …, "server": what its /page says, "client": …}; a key is left out where there is nothing."""
    found: dict[str, Any] = {}
    for role in ("server", "client"):
        container = seat.docker(f"/containers/{seat.variant.name}-{role}/json")
        if not container or not container["State"]["Running"]:
            continue
        pid = container["State"]["Pid"]

        # entered, for a link in there must not lead to the seat's files
        found[role] = seat.inside(pid, "mnt", lambda: seat.text("/page"), 2)
        if role == "server":
            found["served"] = seat.inside(
                pid, "net", lambda: seat.http("127.0.0.1", int(seat.variant.port), seconds=1).get("body"), 3
            )
    return {key: said for key, said in found.items() if isinstance(said, str)}
