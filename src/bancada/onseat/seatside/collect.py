"""Everything that the checks of some exercises need to see of a seat, at one moment."""

import os
import socket
import subprocess
import time
from contextlib import suppress

from bancada.onseat.seatside.base import (
    IN_A_CONTAINER,
    PACE,
    Facts,
    document,
    failed_units,
    state_folder,
    systemctl,
    text,
    within,
)
from bancada.onseat.seatside.cgroups import cgroups
from bancada.onseat.seatside.engine import engine, is_told
from bancada.onseat.seatside.files import all_mounts, mounts, root_directory, walk
from bancada.onseat.seatside.namespaces import (
    cgroup_views,
    each,
    holders,
    ipc,
    kept_namespaces,
    networks,
    start,
    time_offsets,
    uts,
)
from bancada.onseat.seatside.probes import SECONDS, TOTAL, looked_at, probes
from bancada.onseat.seatside.processes import mine, processes

SMALL = 4096  # bytes of a file whose text is told


def read_small(top: str, files: dict[str, Facts]) -> None:
    """Give each small file of an exercise's folder its text: answers that a student wrote down."""
    for path, file in files.items():
        if file["type"] == "file" and file["size"] <= SMALL:
            try:
                file["text"] = text(f"{top}/{path}")
            except OSError:
                continue


def has(capabilities: Facts) -> list[str]:
    """Those of these capabilities that this machine was given: by files, or as no container. By name each says how it
    is seen: bancada.course.models.SeenBy."""

    def is_there(seen_by: Facts) -> bool:
        if seen_by.get("own_kernel"):
            return not os.path.exists(IN_A_CONTAINER)
        files = seen_by.get("files", [])
        return bool(files) and all(map(os.path.isfile, files))

    return [name for name, seen_by in capabilities.items() if is_there(seen_by)]


def ask_services(services: list[str]) -> subprocess.Popen[str]:
    units = [f"{service}.{kind}" for service in services for kind in ("socket", "service")]
    return systemctl("show", "--property=ActiveState", "--value", *(units or ["init.scope"]))


def states(services: list[str], asked: subprocess.Popen[str]) -> dict[str, dict[str, str]]:
    told = [*asked.communicate()[0].split(), *["unknown"] * (2 * len(services))]
    return {name: {"socket": told[2 * n], "service": told[2 * n + 1]} for n, name in enumerate(services)}


def collect(wanted: Facts) -> Facts:
    given = wanted.get("patience", 1.0)
    capabilities = wanted.get("capabilities", {})
    services = sorted(seen_by["service"] for seen_by in capabilities.values() if seen_by.get("service"))
    PACE["patience"] = max(given, PACE["patience"])
    probing_end = time.monotonic() + TOTAL * given
    asked = [
        systemctl("is-system-running"),
        systemctl("list-units", "--failed", "--plain", "--no-legend"),
        ask_services(services),
    ]
    procs = processes()
    us = mine(procs)
    procs = {pid: proc for pid, proc in procs.items() if pid not in us}
    init, here = procs[1], mounts()
    kept = kept_namespaces(here)
    asked_probes, root = wanted.get("probes", {}), wanted["exercises_root"]
    probing = start(lambda: probes(asked_probes, procs, root, wanted.get("probe_seconds", SECONDS), TOTAL * given))
    seat_mounts = {mount["target"] for mount in here}
    folders: Facts = {}
    staged: Facts = {}
    baselines: Facts = {}
    roots: list[Facts] = []
    for name in wanted["exercises"]:
        top = f"{wanted['exercises_root']}/{name}"
        # What is no such document is not there: its student broke it, and staging puts it right.
        if isinstance(marker := document(state_folder(name) / "staged.json"), dict):
            staged[name] = marker
        with suppress(TypeError, LookupError):
            before = document(state_folder(name) / "baseline.json")
            hostname, interfaces = before["hostname"], before["interfaces"]
            if isinstance(interfaces, list) and all(isinstance(word, str) for word in [hostname, *interfaces]):
                baselines[name] = {"hostname": hostname, "interfaces": interfaces}
        if os.path.isdir(top):
            files, truncated = walk(top, {mount[len(top) + 1 :] for mount in seat_mounts if within(mount, top)})
            read_small(top, files)
            folders[name] = {"path": top, "files": files, "truncated": truncated}
    seen = {tuple(init["root_id"])}
    for proc in procs.values():
        # a container's image is the engine's affair, and large
        if proc["root_id"] and not proc["container"] and tuple(proc["root_id"]) not in seen:
            try:
                roots.append(root_directory(proc))
                seen.add(tuple(proc["root_id"]))
            except OSError:
                continue
    state, failed, active = asked
    of_docker = engine() if wanted.get("docker") else {}
    answers = not wanted.get("docker") or is_told(of_docker)
    if not answers:  # it was to be woken up: how that ended
        active.communicate()
        active = ask_services(services)
    of_services = states(services, active)
    if "docker" in of_services:
        of_services["docker"]["answers"] = "yes" if answers else "no"
    return {
        "evidence": 3,
        "kernel": os.uname().release,
        "hostname": socket.gethostname(),
        "has": has(capabilities),
        "systemd": {"state": state.communicate()[0].strip() or "unknown", "failed_units": failed_units(failed)},
        "services": of_services,
        "cgroup_version": 2 if os.path.exists("/sys/fs/cgroup/cgroup.controllers") else 1,
        "staged": staged,
        "baselines": baselines,
        "processes": list(procs.values()),
        "kept": kept,
        "uts": each("uts", holders("uts", procs, kept), uts),
        "ipc": each("ipc", holders("ipc", procs, kept), ipc),
        "networks": networks(procs, kept),
        "time_offsets": time_offsets(procs),
        "cgroup_views": cgroup_views(procs),
        "cgroups": cgroups(),
        "engine": of_docker,
        "mounts": all_mounts(procs),
        "folders": folders,
        "roots": roots,
        "probes": looked_at(probing, probing_end + 10 * given),
    }
