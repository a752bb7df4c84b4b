"""The seat's control groups: what they limit, and what their counters say. Version 1 and 2: cgroups(7)."""

import os
import re

from bancada.onseat.seatside.base import Facts, text, within
from bancada.onseat.seatside.files import mounts
from bancada.onseat.seatside.processes import process

UNIT = re.compile(r"\.(service|scope|slice|mount|socket|swap)$")
ENGINE = {"docker", "buildkit"}  # groups that Docker makes for itself and keeps
ROOT = "/sys/fs/cgroup"  # of version 2, where systemd alone limits anything
UNLIMITED = 2**62  # bytes; version 1 says a number of about 2**63 where there is no limit


def own_groups() -> list[str]:
    """The folder of the seat's own group in each hierarchy: those of a container show the whole machine."""
    groups = (process(1) or {})["cgroup"]
    own = groups.get("name=systemd", groups.get("", "/")).removesuffix("/init.scope")
    found = []
    for mount in mounts():
        if mount["fstype"] not in ("cgroup", "cgroup2"):
            continue
        names = {"": mount["fstype"] == "cgroup2"} | dict.fromkeys(mount["options"].split(","), True)
        path = next((path for name, path in groups.items() if names.get(name)), "/").removesuffix("/init.scope")
        if within(path, own) and within(path, mount["root"]):
            folder = mount["target"] + path[len(mount["root"].rstrip("/")) :]
            found.append(folder.rstrip("/"))
    return found


def cgroup_folders() -> list[str]:
    """Those that somebody made by hand: what systemd makes bears a unit's name, what Docker makes lies in its own."""
    found = []
    for top in own_groups():
        for folder, children, _ in os.walk(top):
            children[:] = [name for name in children if not UNIT.search(name) and name not in ENGINE]
            found += [f"{folder}/{name}" for name in children]
    return sorted(set(found))


def cgroups() -> dict[str, Facts]:
    """Every group below the seat's own, by its path from there; version 1's hierarchies are put together."""
    found: dict[str, Facts] = {}
    for top in own_groups():
        for folder, children, _ in os.walk(top):
            children.sort()
            one = found.setdefault(folder[len(top) :] or "/", {"folders": [], "pids": []})
            one["folders"].append(folder)
            one["pids"] = sorted({*one["pids"], *pids_in(folder)})
            one |= _limits(folder)
    found.pop("/", None)
    return found


def is_in_one_made_by_hand(proc: Facts, init: Facts) -> bool:
    """Whether a process is in a group that no package asked for: of mkdir in any hierarchy, or limited by systemd-run.

    All of systemd-run's services are groups too; but only with a limit of memory or CPU they are made to be one.
    """
    for controller, path in proc["cgroup"].items():
        top = init["cgroup"].get(controller, "/").removesuffix("/init.scope").rstrip("/")
        first = path[len(top) :].split("/")[1] if within(path, top) and path != top else ""
        if first not in ("", "..") and first not in ENGINE and not UNIT.search(first):
            return True
    limits = _limits(ROOT + proc["cgroup"].get("", "")) if proc["unit"] != proc["service"] else {}
    return "memory_limit" in limits or "cpu_limit" in limits


def move_out(folder: str, pids: list[int]) -> None:
    """Put processes of a group back into the seat's own, which for version 2 is where its pid 1 is."""
    top = max((top for top in own_groups() if within(folder, top)), key=len)
    for pid in pids:
        home = f"{top}/init.scope" if os.path.isdir(f"{top}/init.scope") else top
        try:
            with open(f"{home}/cgroup.procs", "w") as file:
                file.write(str(pid))
        except OSError:
            continue  # it has ended


def let_go(folder: str) -> None:
    """Lift what stops or slows down a group's processes: to end, a killed one needs the CPU, and not to be frozen."""
    for name, value in (("cpu.max", "max"), ("cpu.cfs_quota_us", "-1"), ("cgroup.freeze", "0"),
                        ("freezer.state", "THAWED")):  # fmt: skip
        if os.path.exists(f"{folder}/{name}"):
            try:
                with open(f"{folder}/{name}", "w") as file:
                    file.write(value)
            except OSError:
                continue  # the group has gone


def pids_in(folder: str) -> list[int]:
    """Processes that are in a group, and in none below it; 0 stands for those that the seat does not see."""
    return sorted({*map(int, _read(folder, "cgroup.procs").split())} - {0})


def _read(folder: str, name: str) -> str:
    try:
        return text(f"{folder}/{name}").strip()
    except OSError:
        return ""


def _counter(folder: str, file: str, key: str) -> int | None:
    match = re.search(rf"(?m)^{key} (\d+)$", _read(folder, file))
    return int(match[1]) if match else None


def _number(said: str) -> int | None:
    return int(said) if said.isdigit() and int(said) < UNLIMITED else None


def _limits(folder: str) -> Facts:
    """Limits that are set, in bytes, CPUs and processes; and counters. Leaves out what this hierarchy does not know."""
    quota, period = _read(folder, "cpu.cfs_quota_us"), _read(folder, "cpu.cfs_period_us")
    if not quota:
        quota, period = [*_read(folder, "cpu.max").split(), "", ""][:2]
    said = {
        "memory_limit": _number(_read(folder, "memory.max") or _read(folder, "memory.limit_in_bytes")),
        "memory_used": _number(_read(folder, "memory.current") or _read(folder, "memory.usage_in_bytes")),
        "memory_peak": _number(_read(folder, "memory.peak") or _read(folder, "memory.max_usage_in_bytes")),
        "oom_kills": _counter(folder, "memory.events", "oom_kill"),
        "cpu_limit": int(quota) / int(period) if quota.isdigit() and period.isdigit() else None,
        "throttled": _counter(folder, "cpu.stat", "nr_throttled"),
        "pids_limit": _number(_read(folder, "pids.max")),
        "pids_used": _number(_read(folder, "pids.current")),
        "forks_refused": _counter(folder, "pids.events", "max"),
    }
    if said["oom_kills"] is None:
        said["oom_kills"] = _counter(folder, "memory.oom_control", "oom_kill")
    return {key: value for key, value in said.items() if value is not None}
