"""Where the name `web` leads in the client's network, who answers there, and what the published port answers."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat

NAME = "web"


def file_of(seat: Seat, pid: int, path: str) -> str:
    """A file that Docker mounts into the container."""
    whole = f"/proc/{pid}/root/{path}"
    return (seat.text(whole) or "") if Path(whole).is_file() else ""


def ask(server: str, name: str) -> list[str]:
    """The IPv4 addresses that a name server has for a name: RFC 1035. [] where it knows none, or does not answer."""
    question = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(2)
        client.sendto(struct.pack(">6H", 0xBA, 0x100, 1, 0, 0, 0) + question, (server, 53))
        answer = client.recv(2048)
    if len(answer) < 12 + len(question):
        return []
    found, place = [], 12 + len(question)
    for _ in range(struct.unpack(">H", answer[6:8])[0]):
        while place < len(answer) and answer[place] and answer[place] < 192:  # a name: pieces, or at once a reference
            place += 1 + answer[place]
        place += 2 if place < len(answer) and answer[place] >= 192 else 1
        if place + 10 > len(answer):
            break
        kind, _, _, length = struct.unpack(">2HIH", answer[place : place + 10])
        if kind == 1 and length == 4:
            found.append(socket.inet_ntoa(answer[place + 10 : place + 14]))
        place += 10 + length
    return found


def look(seat: Seat, pid: int) -> Any:
    """What a process sees that asks for http://web/ in the client's network, with the client's files for names."""
    hosts = [line.split("#")[0].split() for line in file_of(seat, pid, "etc/hosts").splitlines()]
    servers = [line.split()[1] for line in file_of(seat, pid, "etc/resolv.conf").splitlines()
               if line.startswith("nameserver ") and len(line.split()) > 1]  # fmt: skip

    def inside() -> Any:
        addresses = [words[0] for words in hosts if NAME in words[1:]]
        for server in [] if addresses else servers[:2]:
            with contextlib.suppress(OSError, ValueError):
                if ipaddress.ip_address(server).version == 4:
                    addresses = ask(server, NAME)
            if addresses:
                break
        return {"addresses": addresses, "answer": seat.http(addresses[0], 80) if addresses else {}}

    return seat.inside(pid, "net", inside, 8)


def probe(seat: Seat) -> Any:
    labels = [f"com.docker.compose.project={seat.variant.name}", "com.docker.compose.service=client"]
    wanted = quote(json.dumps({"label": labels, "status": ["running"]}))
    clients = seat.docker(f"/containers/json?filters={wanted}") or []
    known = seat.docker(f"/containers/{clients[0]['Id']}/json") if clients else None
    pid = known["State"]["Pid"] if known else 0
    return {
        "client": look(seat, pid) if pid else None,
        "answer": seat.http("127.0.0.1", seat.variant.port),
    }
