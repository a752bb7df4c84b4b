"""Asks for the page as anybody on the seat would: whether a listening socket is there says nothing about the cable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat


def probe(seat: Seat) -> Any:
    """Under "answer" what Seat.http says; None where no process has a network of its own.

    Without a cable the address belongs to somebody beyond the seat, who is not asked.
    """
    address = f"{seat.variant.subnet}.2"
    if not seat.outside("net"):
        return None
    way = seat.run("ip", "route", "get", address)
    if way["code"] or " via " in way["out"]:
        return {"answer": {"error": "no route"}}
    return {"answer": seat.http(address, seat.variant.port, seconds=1.0)}
