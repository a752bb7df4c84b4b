"""The running virtual machines, and which of them wrote the console log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat


def probe(seat: Seat) -> Any:
    log = seat.console("console.log")
    return {
        "log": log,
        "guests": seat.guests(log or ""),
        "boot_id": (seat.text("/proc/sys/kernel/random/boot_id") or "").strip(),
    }
