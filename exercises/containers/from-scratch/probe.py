"""Asks for the page as anybody on the seat would: whether a listening socket is there says nothing about the cable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.evidence.seatside.probes import Seat


def probe(seat: Seat) -> Any:
    """What Seat.http says; None where no process has a network of its own, so that nobody outside the seat is asked."""
    if not seat.outside("net"):
        return None
    return seat.http(f"{seat.variant.subnet}.2", seat.variant.port, seconds=1.0)
