"""What Docker says of itself, by its API on the local socket."""

import hashlib
import http.client
import json
import os
import socket
from functools import cache
from typing import Any
from urllib.parse import quote

from bancada.onseat.seatside.base import LIMIT, Facts, Refusal, patient, run

SOCKET = "/run/docker.sock"
USED = ("/var/lib/docker/.bancada-images", "/var/lib/docker/containers")  # there once a Docker has run
OWN_NETWORKS = {"bridge", "host", "none"}
IMAGES = "/usr/lib/bancada/images"  # whose NAME.tar Docker has as NAME:local
IMPORT = "/usr/lib/bancada/docker-images"  # gives them to Docker
WAKE = "sudo systemctl reset-failed docker.service docker.socket; sudo systemctl start docker.socket"


class Local(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(patient(20))
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
    return active or any(map(os.path.exists, USED))


def answers() -> bool:
    """Whether there is something to ask for, and Docker to ask: it may be dead, or its socket stopped."""
    try:
        return is_used() and api("/_ping", "HEAD") is None
    except (OSError, http.client.HTTPException):
        return False


def silent() -> bool:
    """Whether Docker may hold something, and does not tell: it is dead, stuck or too busy."""
    return is_used() and not answers()


def engine() -> Facts:
    """All that `docker inspect` prints of what Docker holds; {} where it never ran, or does not tell."""
    try:
        return held() if answers() else {}
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return {}  # half-way, or somebody else answered


def is_told(found: Facts) -> bool:
    """Whether this answer of engine() is all that Docker holds."""
    return bool(found) or not is_used()


def held() -> Facts:
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


@cache
def given() -> dict[str, str]:
    """The images that each seat's Docker comes with: by tag, the digest of the one layer that each has."""
    tars = sorted(name for name in os.listdir(IMAGES) if name.endswith(".tar")) if os.path.isdir(IMAGES) else []
    found = {}
    for tar in tars:
        with open(f"{IMAGES}/{tar}", "rb") as file:
            found[tar.removesuffix(".tar") + ":local"] = "sha256:" + hashlib.sha256(file.read()).hexdigest()
    return found


def damaged() -> list[str]:
    """Tags of given images that are gone, or that somebody gave to another image."""
    if not answers():
        return []
    found = {tag: api(f"/images/{tag}/json") for tag in given()}
    return [tag for tag, layer in given().items() if not found[tag] or found[tag]["RootFS"]["Layers"] != [layer]]


def things() -> dict[str, dict[str, str]]:
    """All that Docker holds but what it came with: by kind, id to names. Nothing where it never ran, or is dead.

    An image counts once for each of its tags, for one may be given to an image that was there before.
    """
    found: dict[str, dict[str, str]] = {"containers": {}, "images": {}, "volumes": {}, "networks": {}, "caches": {}}
    if not answers():
        return found
    given_tags = given()
    for one in api("/containers/json?all=1") or []:
        found["containers"][one["Id"]] = " ".join([*one["Names"], one["Image"], *one.get("Labels", {}).values()])
    for one in api("/images/json?all=1") or []:
        tags = [tag for tag in one.get("RepoTags") or [] if tag != "<none>:<none>"]
        found["images"] |= {tag: tag for tag in tags if tag not in given_tags} if tags else {one["Id"]: ""}
    for one in (api("/volumes") or {}).get("Volumes") or []:
        found["volumes"][one["Name"]] = one["Name"]
    for one in api("/networks") or []:
        if one["Name"] not in OWN_NETWORKS:
            found["networks"][one["Id"]] = one["Name"]
    for one in (api("/system/df?type=build-cache") or {}).get("BuildCache") or []:
        found["caches"][one["ID"]] = ""
    return found


def things_before() -> dict[str, dict[str, str]] | None:
    """All that Docker holds before an exercise begins; None where it may hold something and does not tell."""
    return None if silent() else things()


def remove_things(before: dict[str, dict[str, str]] | None, others: list[str]) -> list[str]:
    """Take away what was not there before and bears none of the words of others; what was removed, as kind/name.

    Where it is not known what was there, nothing else is removed.
    Containers go by force, the rest only where nothing uses it any more: what another's container stands on stays.
    The given images are put back where they were damaged.
    """
    if silent():
        if before is None:
            return []
        raise Refusal(f"Docker does not answer, so what the exercise left in it cannot be taken away; type: {WAKE}")
    gone = [f"images/{tag}" for tag in damaged()]
    for tag in damaged():
        api(f"/images/{quote(tag, safe='')}?force=1", "DELETE")
    if gone:
        run(IMPORT, "missing", seconds=60)
    if before is None:
        return gone
    options = {"containers": "?force=1&v=1"}
    for _ in range(LIMIT):
        found = things()
        if set(found["caches"]) - set(before.get("caches", {})):
            api("/build/prune?all=1", "POST")  # nobody's: it only makes the next build quicker
        for kind in ("containers", "images", "volumes", "networks"):
            for number, names in found[kind].items():
                if number not in before.get(kind, {}) and not any(word in names for word in others):
                    api(f"/{kind}/{quote(number, safe='')}{options.get(kind, '')}", "DELETE")
        left = things()
        now = [f"{kind}/{names or number}" for kind in found for number, names in found[kind].items()
               if number not in left[kind]]  # fmt: skip
        gone += now
        if not now:
            break  # else once more: an image goes only after those that were built on it
    return gone
