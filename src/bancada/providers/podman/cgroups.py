"""Which version of cgroups this computer mounts, and what a container runtime needs of version 1."""

from __future__ import annotations

from pathlib import Path

from bancada.reach.run import as_root, run

CGROUP = Path("/sys/fs/cgroup")


def is_cgroup_v2() -> bool:
    return (CGROUP / "cgroup.controllers").exists()


def left_controllers() -> str:
    """The controllers that version 1 does not have yet, as they stand in the unified hierarchy beside it."""
    unified = CGROUP / "unified" / "cgroup.controllers"
    return unified.read_text().strip() if unified.exists() else ""


def mount_left_controllers() -> list[str]:
    """On cgroup v1, crun refuses to start where the unified hierarchy still holds a controller: mount it as v1."""
    changed = []
    for controller in left_controllers().split():
        target = CGROUP / controller
        run(as_root(["mkdir", "-p", str(target)]))
        run(as_root(["mount", "-t", "cgroup", "-o", controller, "cgroup", str(target)]))
        changed.append(f"mounted the cgroup controller {controller} at {target}, as the container runtime needs it")
    return changed
