"""What a machine is like that was there before us: the part of `lent.py` that only looks."""

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

Facts = dict[str, Any]

# New entries of these folders are ours; what packages own in them is left to the packages.
FLAT = (
    *(
        "/home",
        "/opt",
        "/srv",
        "/root",
        "/var/lib",
        "/var/mail",
        "/var/spool",
        "/usr/lib",
        "/usr/lib/locale",
        "/usr/share",
    ),
    *("/usr/local/bin", "/usr/local/sbin", "/usr/local/lib", "/usr/local/share", "/var/lib/systemd/timers"),
)
SETTINGS = ("kernel", "user", "net/ipv4", "net/core", "net/bridge")  # under /proc/sys
APT = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


class Refusal(Exception):
    """What is said in one sentence instead of a traceback."""


def manifest() -> Facts:
    return {
        "files": {path: fingerprint(path) for path in walk("/etc")},
        "folders": {folder: sorted(os.listdir(folder)) for folder in FLAT if os.path.isdir(folder)},
        "empty": {
            path: fingerprint(path) for path in map("/var/lib/{}".format, os.listdir("/var/lib")) if is_empty(path)
        },
        "packages": packages(),
        "auto": said("apt-mark", "showauto").split(),
        "users": names("/etc/passwd"),
        "groups": names("/etc/group"),
        "settings": settings(),
    }


def walk(top: str) -> list[str]:
    found = []
    for folder, folders, files in os.walk(top):
        found += [os.path.join(folder, name) for name in (*folders, *files)]
    return found


def fingerprint(path: str) -> list[Any] | None:
    """Kind, rights, owner and content of a file; None where there is none. Times are not compared."""
    try:
        found = os.lstat(path)
        if os.path.islink(path):
            return ["link", os.readlink(path)]
        rights = [oct(found.st_mode), found.st_uid, found.st_gid]
        if os.path.isfile(path):
            return [*rights, hashlib.sha256(Path(path).read_bytes()).hexdigest()]
    except FileNotFoundError:
        return None
    return rights


def is_empty(folder: str) -> bool:
    return os.path.isdir(folder) and not os.path.islink(folder) and not os.listdir(folder)


def packages() -> dict[str, str]:
    """What is installed, with what dpkg was told to do with it: `install`, or `hold`."""
    shown = said(
        "dpkg-query", "--show", "--showformat", "${Package}:${Architecture} ${db:Status-Status} ${db:Status-Want}\n"
    )
    lines = (line.split() for line in shown.splitlines())
    own = said("dpkg", "--print-architecture").strip()
    found = {}
    for name, status, want in lines:
        if status == "installed":
            found[name.removesuffix(f":{own}").removesuffix(":all")] = want
    return found


def names(path: str) -> list[str]:
    return [line.split(":")[0] for line in Path(path).read_text(encoding="utf-8").splitlines() if ":" in line]


def settings() -> dict[str, str]:
    found = {}
    for part in SETTINGS:
        for folder, folders, files in os.walk(f"/proc/sys/{part}"):
            folders[:] = [name for name in folders if name not in ("conf", "neigh", "sched_domain")]
            for name in files:
                path = f"{folder}/{name}"
                if os.stat(path).st_mode & 0o400 and os.stat(path).st_mode & 0o200:
                    try:
                        found[path] = Path(path).read_text(encoding="utf-8").strip()
                    except (OSError, ValueError):
                        continue
    return found


def run(*argv: str, check: bool = False) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", env=APT, check=False)
    if check and done.returncode:
        raise Refusal(f"{argv[0]} failed: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
    return done.stdout


def said(*argv: str) -> str:
    return run(*argv, check=True)


def changed_at(path: str) -> float:
    """When a file was last touched, in seconds since 1970; of one that is gone, when its folder was."""
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    return os.lstat(path).st_ctime


def removed_by(*words: str) -> set[str]:
    told = run("apt-get", "--simulate", *words, check=True)
    return {line.split()[1].split(":")[0] for line in told.splitlines() if line.startswith(("Remv ", "Purg "))}


def is_packaged(path: str) -> bool:
    return subprocess.run(["dpkg-query", "--search", path], capture_output=True, check=False).returncode == 0
