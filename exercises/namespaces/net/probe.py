"""Sends packets over the cable, both ways, and asks the web server in the namespace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat

MANY = 8  # namespaces; a student may have left some lying about


def probe(seat: Seat) -> dict[str, Any]:
    """`in`: the seat reaches the address inside; `out`: inodes of the namespaces that reach the seat's; `answer`."""
    outer, inner = (f"10.{seat.variant.net}.77.{host}" for host in (1, 2))
    rooms = {proc["ns"]["net"]: proc["pid"] for proc in reversed(seat.outside("net"))}  # by their oldest process
    tried = list(rooms.items())[-MANY:]

    def reached(address: str, *prefix: str) -> bool:
        return not seat.run(*prefix, "ping", "-n", "-c1", "-W1", address, seconds=2)["code"]

    with ThreadPoolExecutor(MANY + 1) as together:
        inwards = together.submit(reached, inner)
        outwards = {
            inode: together.submit(reached, outer, "nsenter", f"--net=/proc/{pid}/ns/net") for inode, pid in tried
        }
    answer = seat.http(inner, seat.variant.port, seconds=1) if inwards.result() else {"error": "not reached"}
    return {
        "in": inwards.result(),
        "out": [inode for inode, passed in outwards.items() if passed.result()],
        "answer": answer,
    }
