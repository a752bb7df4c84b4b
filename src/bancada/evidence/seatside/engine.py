"""What Docker says of itself, by its API on the local socket."""

import http.client
import json
import os
import socket
from typing import Any
from urllib.parse import quote

from bancada.evidence.seatside.base import Facts, run

SOCKET = "/run/docker.sock"
USED = "/var/lib/docker/.bancada-images"  # there once Docker has run
OWN_NETWORKS = {"bridge", "host", "none"}
IMAGES = "/usr/lib/bancada/images"  # whose NAME.tar Docker has as NAME:local


class Local(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(SOCKET)


def api(path: str, method: str = "GET") -> Any:
    """The answer of one request of the Engine API, as JSON: None where Docker does not know what was asked for."""
    connection = Local("docker")
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        said = answer.read()
    finally:
        connection.close()
    return json.loads(said) if answer.status < 300 and said else None


def is_used() -> bool:
    """Whether Docker runs, or has run on this seat: then it may hold something, and may be woken up to tell."""
    active = run("systemctl", "is-active", "docker.service")["out"].strip() == "active"
    return active or os.path.exists(USED)


def engine() -> Facts:
    """All that `docker inspect` prints of containers, images, volumes and networks; {} where Docker never ran."""
    if not is_used():
        return {}
    images = [one["Id"] for one in api("/images/json") or []]
    networks = [one["Id"] for one in api("/networks") or []]
    containers = [one["Id"] for one in api("/containers/json?all=1") or []]
    return {
        "version": (api("/version") or {}).get("Version", ""),
        "containers": [one for name in containers if (one := api(f"/containers/{name}/json"))],
        "images": [one | {"History": api(f"/images/{name}/history") or []}
                   for name in images if (one := api(f"/images/{name}/json"))],
        "volumes": (api("/volumes") or {}).get("Volumes") or [],
        "networks": [one for name in networks if (one := api(f"/networks/{name}"))],
    }  # fmt: skip


# ---- what belongs to whom


def things() -> dict[str, dict[str, str]]:
    """All that Docker holds but what it came with: by kind, id to names. Nothing where it never ran."""
    found: dict[str, dict[str, str]] = {"containers": {}, "images": {}, "volumes": {}, "networks": {}}
    if not is_used():
        return found
    given = {name.removesuffix(".tar") + ":local" for name in (os.listdir(IMAGES) if os.path.isdir(IMAGES) else [])}
    for one in api("/containers/json?all=1") or []:
        found["containers"][one["Id"]] = " ".join([*one["Names"], one["Image"], *one.get("Labels", {}).values()])
    for one in api("/images/json?all=1") or []:
        if not given & set(one.get("RepoTags") or []):
            found["images"][one["Id"]] = " ".join(one.get("RepoTags") or [])
    for one in (api("/volumes") or {}).get("Volumes") or []:
        found["volumes"][one["Name"]] = one["Name"]
    for one in api("/networks") or []:
        if one["Name"] not in OWN_NETWORKS:
            found["networks"][one["Id"]] = one["Name"]
    return found


def remove_things(before: dict[str, dict[str, str]], others: list[str]) -> list[str]:
    """Take away what was not there before and bears none of the words of others; what was removed, as kind/name."""
    gone = []
    options = {"containers": "?force=1&v=1", "images": "?force=1", "volumes": "?force=1", "networks": ""}
    for kind, found in things().items():
        for number, names in found.items():
            if number in before.get(kind, {}) or any(word in names for word in others):
                continue
            path = f"/{kind}/{quote(number, safe='')}"
            api(path + options[kind], "DELETE")
            if api(path if kind in ("volumes", "networks") else f"{path}/json") is None:
                gone.append(f"{kind}/{names or number}")
    if gone:
        api("/build/prune?all=1", "POST")
    return gone
