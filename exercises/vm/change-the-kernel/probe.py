"""What the kernel has now, and what the next boot would give it: the files that systemd reads, in its order."""

from __future__ import annotations

import fnmatch
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.evidence.seatside.probes import Seat

BEFORE = "/var/lib/bancada/exercises/vm--change-the-kernel/before.json"  # stage.yml wrote it
TOPS = ("/etc", "/run", "/usr/local/lib", "/usr/lib")  # of two files with one name only the first counts: sysctl.d(5)
KEY = "vm/swappiness"


def read_at_boot(kind: str) -> list[str]:
    """The files in the order in which systemd reads them: by name, wherever they lie."""
    files: dict[str, str] = {}
    for top in reversed(TOPS):
        files |= {path.name: str(path) for path in Path(top, kind).glob("*.conf")}
    return [path for _, path in sorted(files.items())]


def lines(seat: Seat, paths: list[str]) -> list[tuple[str, str]]:
    found = [(path, line.strip()) for path in paths for line in (seat.text(path) or "").splitlines()]
    return [(path, line) for path, line in found if line and line[0] not in "#;"]


def key_of(word: str) -> str:
    """The path below /proc/sys. The first separator tells which of the two stands for a slash."""
    key = word.strip().removeprefix("-").strip()
    first = re.search(r"[./]", key)
    return (key.translate(str.maketrans("./", "/.")) if first and first[0] == "." else key).strip("/")


def command_line(seat: Seat) -> list[str]:
    """The words that the boot loader would give the kernel next time: those of its first entry."""
    menu = seat.text("/boot/grub/grub.cfg")
    if menu is None:
        return (seat.text("/proc/cmdline") or "").split()
    return next((line.split() for line in menu.splitlines() if line.split()[:1] == ["linux"]), [])


def sysctl(seat: Seat) -> list[tuple[str, str]]:
    """All that set the parameter at boot, each with its file; the last one wins."""
    exact, by_pattern, given = [], [], []
    for path, line in lines(seat, read_at_boot("sysctl.d")):
        key, equals, value = line.partition("=")
        key = key_of(key)
        if equals and key == KEY:
            exact.append((path, value.strip()))
        elif equals and key.count("/") == KEY.count("/") and fnmatch.fnmatchcase(KEY, key):
            by_pattern.append((path, value.strip()))
    for word in command_line(seat):
        if word.startswith("sysctl.") and key_of(word.removeprefix("sysctl.").partition("=")[0]) == KEY:
            given.append(("/boot/grub/grub.cfg", word.partition("=")[2]))  # before any file is read
    return given + by_pattern + exact


def modules(seat: Seat) -> list[tuple[str, str]]:
    """All modules that are loaded at boot by name, each with its file."""
    found = lines(seat, read_at_boot("modules-load.d"))
    for word in command_line(seat):
        if re.match(r"modules[-_]load=", word):
            found += [("/boot/grub/grub.cfg", name) for name in word.partition("=")[2].split(",")]
    return [(path, name.replace("-", "_")) for path, name in found]


def unread(seat: Seat, kind: str, pattern: str) -> list[str]:
    """Files of the administrator's that say it, and that systemd does not read for this."""
    read = {os.path.realpath(path) for path in read_at_boot(kind)}
    paths = ["/etc/sysctl.conf", "/etc/modules"]
    for folder in ("sysctl.d", "modules-load.d", "modprobe.d"):
        paths += sorted(str(path) for path in Path("/etc", folder).glob("*"))
    says = [path for path, line in lines(seat, paths) if re.match(pattern, line)]
    return [path for path in says if os.path.realpath(path) not in read]


def probe(seat: Seat) -> Any:
    module = seat.variant.module
    before = json.loads(seat.text(BEFORE) or "{}").get("parameters", {})
    now = {key: (seat.text(f"/proc/sys/{key}") or "").strip() for key in {KEY, *before}}
    # It says what would be done, and does nothing: systemd, too, heeds what modprobe.d(5) forbids.
    asked = seat.run("modprobe", "--show-depends", "--use-blacklist", module)["out"].strip()
    return {
        "loaded": [line.split()[0] for line in (seat.text("/proc/modules") or "").splitlines()],
        "modules": modules(seat),
        "modules_unread": unread(seat, "modules-load.d", f"-?{module.replace('_', '[-_]')}"),
        "modprobe": asked.splitlines()[-1].strip() if asked else "",
        "value": now[KEY],
        "sysctl": sysctl(seat),
        "sysctl_unread": unread(seat, "sysctl.d", r"-?vm[./]swappiness"),
        "usual": before.get(KEY),
        "changed": [[key, before[key], now[key]] for key in sorted(before) if key != KEY and now[key] != before[key]],
    }
