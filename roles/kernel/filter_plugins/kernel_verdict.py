"""Ansible filter: from what the probe saw, which mends this role may do, and the sentence for what stays missing."""

from __future__ import annotations

import re
from typing import Any

Probe = dict[str, Any]

# kind of mend -> how a person does it. A kernel comes from the machine that runs it, which {where} names.
WAYS = {
    "sysctl": "run `sysctl -w {what}`{where}",
    "module": "run `modprobe {what}`{where}, or boot a kernel that has this module, such as Debian's linux-image-amd64",
    "forbidden": "take the line {what}{where}",
    "parameter": "add {what} to the kernel's command line{where} and reboot",
    "no_parameter": "take {what} off the kernel's command line{where} and reboot",
    "config": "boot a kernel built with {what}, such as Debian's linux-image-amd64{where}",
    "unit": "run `systemctl restart {what}` in the seat, or start it with a cgroup hierarchy that it may write",
    "capability": "start the seat with {what} and with no seccomp filter or security module that refuses the call",
    "delegation": "start the seat with writable cgroups and the controller {what} in them (systemd: Delegate=yes)",
}
UNKNOWN = "look for the cause in the kernel's log (dmesg){where}"


def release_numbers(release: str) -> tuple[int, ...]:
    """The numbers that a kernel release begins with: "6.1.0-18-amd64" is (6, 1, 0)."""
    found = re.match(r"\d+(\.\d+)*", release)
    if not found:
        raise ValueError(f"{release!r} is no kernel release, such as 2.6.24")
    numbers = [int(number) for number in found[0].split(".")]
    return tuple(numbers + [0] * (3 - len(numbers)))


def is_machine(container: str) -> bool:
    """Whether the kernel is the seat's own. When nothing can tell, it is not ours to change."""
    return container == "none"


def allowed(mend: str, container: str, may_reboot: bool) -> bool:
    """Whether this role may do *mend*: a container's kernel is its host's, and only its cgroup mounts are its own."""
    kind = mend.partition(":")[0]
    if kind == "unit":
        return container not in ("none", "unknown")
    if kind in ("parameter", "no_parameter"):
        return is_machine(container) and may_reboot
    return is_machine(container) and kind in ("sysctl", "module")


def sentence(probe: Probe, minimum: str, names: list[str]) -> str:
    """One sentence that says what is missing, why, and how to get it; empty when nothing is."""
    where = "" if is_machine(probe["container"]) else " on the machine that runs the seat"
    clauses = []
    if release_numbers(probe["release"]) < release_numbers(minimum):
        clauses.append(f"is older than {minimum}: boot a newer kernel, such as Debian's linux-image-amd64{where}")
    by_way: dict[str, list[str]] = {}
    for name in names:
        result = probe["features"][name]
        steps = [kind_what.partition(":") for kind_what in result["mend"]]
        way = " and ".join(WAYS[kind].format(what=what, where=where) for kind, _, what in steps)
        by_way.setdefault(way or UNKNOWN.format(where=where), []).append(f"{name} ({result['reason']})")
    clauses += [f"does not give {', '.join(lacks)}: {way}" for way, lacks in by_way.items()]
    return f"The kernel of this seat, {probe['release']}, {'; it '.join(clauses)}." if clauses else ""


def kernel_verdict(probe: Probe, minimum: str, may_reboot: bool) -> dict[str, Any]:
    """`mends` that this role may do, the sentence for everything `missing`, and for what is `beyond` those mends."""
    red = [name for name, result in probe["features"].items() if not result["usable"]]
    beyond, mends = [], set()
    for name in red:
        wanted = probe["features"][name]["mend"]
        if wanted and all(allowed(mend, probe["container"], may_reboot) for mend in wanted):
            mends.update(wanted)
        else:
            beyond.append(name)
    return {
        "mends": sorted(mends),
        "missing": sentence(probe, minimum, red),
        "beyond": sentence(probe, minimum, beyond),
    }


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"kernel_verdict": kernel_verdict}
