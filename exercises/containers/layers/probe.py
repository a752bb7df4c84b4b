"""What each overlay over the exercise's base shows, in whichever mount namespace it is."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat

FOLDER = os.O_RDONLY | os.O_DIRECTORY


def identity(path: str, root: int) -> list[int] | None:
    """Device and inode of what a path leads to from this root directory; None where it leads nowhere."""
    try:
        found = os.stat(path.lstrip("/") or ".", dir_fd=root)
    except OSError:
        return None
    return [found.st_dev, found.st_ino]


def begin(path: str) -> str | None:
    """How a regular file begins; None where there is none, and of anything that only looks like one."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        return os.read(file, 4096).decode("utf-8", "replace") if stat.S_ISREG(os.fstat(file).st_mode) else None
    except OSError:
        return None
    finally:
        os.close(file)


def directories(seat: Seat) -> list[str]:
    """From where a relative path in the options of a mount may be meant: nobody remembers where mount stood."""
    found = [seat.folder]
    for top, names, _ in os.walk(seat.folder):
        if top[len(seat.folder) :].count("/") < 3:
            found += [f"{top}/{name}" for name in names]
        else:
            names.clear()
    return [*found[:200], *sorted({proc["cwd"] for proc in seat.by_hand() if proc["cwd"]})]


def overlays(process: int) -> dict[str, dict[str, list[str]]]:
    """Options of every overlay in our own mount namespace, by where it is mounted; `process` is a /proc to read in."""
    with os.fdopen(os.open("self/mountinfo", os.O_RDONLY, dir_fd=process), encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    found: dict[str, dict[str, list[str]]] = {}
    for line in lines:
        left, right = line.split(" - ", 1)
        target = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), left.split()[4])
        found.pop(target, None)  # of several at one place the last one shows
        if right.startswith("overlay "):
            options: dict[str, list[str]] = {}
            for option in right.split(" ", 2)[2].split(","):
                key, _, value = option.partition("=")
                paths = re.split(r"(?<!\\):+", value) if key.startswith("lowerdir") else [value]
                options.setdefault(key.rstrip("+"), []).extend(paths)
            found[target] = options
    return found


def probe(seat: Seat) -> Any:
    top, process = os.open("/", FOLDER), os.open("/proc", FOLDER)
    base = identity(f"{seat.folder}/base", top)
    places = ["", *directories(seat)]

    def look() -> Any:
        here = os.open("/", FOLDER)  # of the namespace that we are in; it may be another than the seat's
        shown = []
        for target, options in overlays(process).items():
            meant = [(root, place) for root in (here, top) for place in places]
            for root, place in meant:
                if base in [identity(f"{place}/{lower}", root) for lower in options.get("lowerdir", [])]:
                    break
            else:
                continue
            upper = options.get("upperdir", [None])[0]
            above = [identity(f"{place}/{upper}", root) for root, place in [(root, place), *meant]] if upper else []
            secret = f"{target}/etc/{seat.variant.deleted}"
            shown.append({
                "target": target,
                "device": (identity(target, here) or [0])[0],
                "upper": upper,
                "upper_id": next((str(one) for one in above if one), upper),
                "changed": begin(f"{target}/etc/{seat.variant.changed}"),
                "deleted": begin(secret),
                "is_there": os.path.lexists(secret),
            })  # fmt: skip
        return shown

    views = {proc["ns"].get("mnt"): proc["pid"] for proc in [*seat.by_hand(), seat.processes[1]]}
    found: dict[int, Any] = {}
    for pid in views.values():
        said = seat.inside(pid, "mnt", look) if base else []
        for one in said if isinstance(said, list) else []:  # else it ended meanwhile
            found.setdefault(one["device"], one)
    return sorted(found.values(), key=lambda one: str(one["target"]))
