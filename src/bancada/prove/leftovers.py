"""What tests leave on this computer: what is there after them and was not before. Nobody who tests is asked.

Containers, networks, volumes and images without a name, as Podman tells; mounts and network namespaces, as the kernel
does; folders for sockets; and processes that were started by this run. What belongs to a container that is there is
told with it. The person's own classes of this checkout may come and go meanwhile.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bancada.reach.paths import SOCKETS, ClassState, Project
from bancada.reach.private import private_folders
from bancada.reach.run import as_root, run

PATIENCE = 90
"""Seconds that a process has to end by itself: a shared SSH connection stays for one minute."""
TELLING = 30
MOUNTED = "/proc/self/mountinfo"
NAMESPACES = "ls /run/netns 2>/dev/null || true"
Ask = Callable[[Sequence[str]], str]


def ask(argv: Sequence[str]) -> str:
    """What a program says that looks at the whole computer. Raises BenchError."""
    return run(as_root(argv), timeout=120).stdout


def look(project: Project, ask: Ask = ask) -> frozenset[str]:
    """All that is there now, each in words that name it. Raises BenchError."""
    classes = [folder for folder in (project.state / "classes").glob("*") if folder.is_dir()]
    owners = {note.read_text("utf-8").strip() for folder in classes for note in folder.glob("owner")}
    listed = ask(["podman", "ps", "--all", "--quiet", "--no-trunc"]).split()
    containers: list[dict[str, Any]] = json.loads(ask(["podman", "container", "inspect", *listed])) if listed else []
    store = ask(["podman", "info", "--format", "{{.Store.GraphRoot}}"]).strip()
    theirs = {thing for container in containers for thing in _belongings(container)}
    found = {
        f"container {container['Name']}"
        for container in containers
        if (container["Config"].get("Labels") or {}).get("bancada.owner") not in owners
    }
    found |= {f"network {name}" for name in ask(["podman", "network", "ls", "--format", "{{.Name}}"]).split()}
    found |= {f"volume {name}" for name in ask(["podman", "volume", "ls", "--quiet"]).split() if name not in theirs}
    dangling = ask(["podman", "images", "--quiet", "--filter", "dangling=true"])
    found |= {f"image {name}, which has no name" for name in dangling.split()}
    for place in _mounts(ask(["cat", MOUNTED])):
        ours = any(_is_below(place, root) for root in (store, str(project.state), tempfile.gettempdir()))
        # Podman mounts this one over itself at its first container, for good.
        if ours and place != f"{store}/overlay" and not any(_is_below(place, thing) for thing in theirs):
            found.add(f"mount {place}")
    found |= {
        f"network namespace {name}"
        for name in ask(["sh", "-c", NAMESPACES]).splitlines()
        if f"/run/netns/{name}" not in theirs
    }
    own = {ClassState(folder).sockets_name for folder in classes}
    found |= {f"folder for sockets {folder}" for folder in private_folders(SOCKETS) if folder.name not in own}
    return frozenset(found)


def _belongings(container: dict[str, Any]) -> Iterator[str]:
    """Folders in which a container's file systems are mounted, its network namespace and its volumes."""
    yield str(Path(container["StaticDir"]))
    if merged := ((container.get("GraphDriver") or {}).get("Data") or {}).get("MergedDir"):
        yield merged
    if sandbox := (container.get("NetworkSettings") or {}).get("SandboxKey"):
        yield sandbox
    for mount in container.get("Mounts") or ():
        if mount.get("Type") == "volume":
            yield mount["Name"]
            yield str(Path(mount["Source"]))


def _mounts(mountinfo: str) -> Iterator[str]:
    """The places of a mountinfo: proc(5), whose spaces and the like are octal."""
    for line in mountinfo.splitlines():
        yield re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), line.split()[4])


def _is_below(place: str, folder: str) -> bool:
    return place == folder or place.startswith(f"{folder.rstrip('/')}/")


def processes(mark: str, proc: Path = Path("/proc")) -> frozenset[str]:
    """The processes that have this variable of their environment, `NAME=value`, from whoever started them."""
    found = set()
    for folder in proc.glob("[0-9]*"):
        try:
            if mark.encode() not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:  # it has ended, or is not ours to look at
            continue
        if words and int(folder.name) != os.getpid():
            found.add(f"process {folder.name}: {words[:200]}")
    return frozenset(found)


def ended(
    mark: str, *, tell: Callable[[str], None], patience: float = PATIENCE, proc: Path = Path("/proc")
) -> frozenset[str]:
    """Those that have not ended within so many seconds, which are told of before and every half minute."""
    until, told = time.monotonic() + patience, 0.0
    while (left := processes(mark, proc)) and (now := time.monotonic()) < until:
        if now - told >= TELLING:
            tell(f"waiting for what tests started to end: {', '.join(sorted(left))}"[:500])
            told = now
        time.sleep(0.2)
    return left
