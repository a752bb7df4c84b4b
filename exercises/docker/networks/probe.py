"""Asks for names and sends pings from inside the containers' net namespaces."""

from __future__ import annotations

import ipaddress
import socket
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat

PAIRS = ("ab", "ba", "ca", "cb")


def asked_of_docker(name: str) -> str | None:
    """The address that the name server at 127.0.0.11 tells: RFC 1035, one question for one A record."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = labels + b"\0" + struct.pack(">HH", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(1)
        try:
            line.sendto(struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + question, ("127.0.0.11", 53))
            answer = line.recv(1024)
        except OSError:
            return None
    if len(answer) < 12 or not struct.unpack(">H", answer[6:8])[0]:
        return None
    return str(ipaddress.ip_address(answer[-4:]))


def address_by_name(hosts: str, name: str) -> str | None:
    """As a program in the container finds it: hosts(5) first, then the name server."""
    for line in hosts.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        if name in names:
            return address
    return asked_of_docker(name)


def probe(seat: Seat) -> Any:
    """By pair ("ab"): the address that the first one finds for the second's name, and whether a ping to it arrives.

    Of the third the ping goes to the other one's address, since no name tells it.
    """
    containers = {letter: seat.docker(f"/containers/{seat.variant.name}-{letter}/json") for letter in "abc"}
    pids = {letter: one["State"]["Pid"] for letter, one in containers.items() if one and one["State"]["Running"]}
    inside = (containers["a"] or containers["b"] or {}) and {
        letter: (one["NetworkSettings"]["Networks"].get(seat.variant.name) or {}).get("IPAddress")
        for letter, one in containers.items()
        if one
    }
    found = {}
    for pair in PAIRS:
        here, there = pair[0], pair[1]
        if here not in pids or there not in pids:
            continue
        hosts = seat.text(f"/proc/{pids[here]}/root/etc/hosts") or ""

        def look(here: str = here, there: str = there, hosts: str = hosts) -> Any:
            name = f"{seat.variant.name}-{there}"
            address = address_by_name(hosts, name) if here != "c" else inside.get(there)
            arrives = bool(address) and not seat.run("ping", "-c1", "-W0.4", str(address), seconds=2)["code"]
            return {"address": address, "arrives": arrives}

        found[pair] = seat.inside(pids[here], "net", look, 4)
    return found
