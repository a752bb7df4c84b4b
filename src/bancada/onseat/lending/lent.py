"""Runs as root on a machine that was there before us: notes what it is like, and gives it back like that.

    lent.py ask OWNER UNWANTED    lent.py adopt OWNER UNWANTED SCRIPT    lent.py hold OWNER
    lent.py ours                  lent.py back

While a note is open, `bancada up` is at work, so all that changes is ours: packages, accounts, files of /etc, new
entries of the folders in FLAT. `hold` keeps it open for as long as `up` speaks: when that is done or killed, and what
it began here has ended, it closes it by itself, so that nothing which others do later counts as ours. Where the machine
died meanwhile, all that is newer than the last word is nobody's: it stays, and is named. `back` undoes what is ours and
nothing else: a file that somebody changed after us stays as it is, and is named. OWNER is the class's public key;
UNWANTED, {"accounts": [...], "packages": [...]}, must not be there before us, since we would change or remove it. Every
step may be killed and done again. Only Python's standard library is used.
"""

import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bancada.onseat.lending.look import (
    Facts,
    Refusal,
    changed_at,
    fingerprint,
    is_empty,
    is_packaged,
    manifest,
    names,
    packages,
    removed_by,
    run,
    said,
)

HOME = Path("/var/lib/bancada")
LENT = HOME / "lent"
OWNER, OPEN, OURS, ETC, WAS = (LENT / name for name in ("owner", "open.json", "ours.json", "etc", "was"))
LOCK = Path("/run/bancada-lent.lock")
ONLINE = "network-online.target"
LEASE = 90
"""Seconds without a word from `up`, which speaks each ten, after which its computer is gone. SSH gives up sooner."""
WORK_SECONDS = 900.0
"""How long what an `up` began may go on here without it, and still count as its own."""
OWN = ("bancada", "student")
"""Accounts, with all of that name: `ask` saw that they were not there before us."""
# Lists of accounts: undone by userdel and groupdel, so that accounts made since stay.
ACCOUNTS = tuple(f"/etc/{name}" for name in ("passwd", "shadow", "group", "gshadow", "subuid", "subgid"))
BACKUPS = tuple(f"{path}-" for path in ACCOUNTS)
MARKS, STATUS = "/var/lib/apt/extended_states", "/var/lib/dpkg/status"
DERIVED = ("/etc/ld.so.cache",)  # made anew by every change of packages
UNDONE_OTHERWISE = (*ACCOUNTS, *BACKUPS, *DERIVED)
# While a note is open


@contextmanager
def alone() -> Iterator[None]:
    """One at a time: who comes while a killed `up` is not over yet waits for its end."""
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def hold(owner: str) -> Facts:
    """Answer as soon as the note is open; close it when nobody speaks any more and nothing of ours is at work."""
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # a session that ends takes its processes along on some machines
    with alone():
        answer = open_note(owner)
        with suppress(OSError):
            print(json.dumps(answer), flush=True)
        listen()
        end = time.monotonic() + WORK_SECONDS
        while at_work() and time.monotonic() < end:
            os.utime(OPEN)
            time.sleep(0.2)
        return close_note()


def listen() -> None:
    """Until `close`, the end of what is said, or LEASE seconds of silence."""

    def expire(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, expire)
    with suppress(TimeoutError):
        while True:
            signal.alarm(LEASE)
            if sys.stdin.buffer.readline() in (b"", b"close\n"):
                break
            os.utime(OPEN)  # by this a machine that lost its power is judged
    signal.alarm(0)


def at_work() -> bool:
    """Whether something runs as root that our account began, and be it for an `up` that is no more."""
    mark = f"SUDO_UID={pwd.getpwnam('bancada').pw_uid}".encode()
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            words = Path(f"/proc/{entry}/cmdline").read_bytes()
            if MARK not in words and mark in Path(f"/proc/{entry}/environ").read_bytes().split(b"\0"):
                return True
    return False


MARK = b"bancada-lent"
"""In the command line of those who hold a note, or wait for it: they are not at work."""


def adopt(owner: str, unwanted: str, script: str) -> Facts:
    """Make our account, all in one go that ends by itself, whoever asked for it is killed."""
    with alone():
        ask(owner, unwanted)
        open_note(owner)
        try:
            run("sh", "-c", script, "adopt", owner, check=True)
        finally:
            close_note()
    return {"changed": True}


def ask(owner: str, unwanted: str) -> Facts:
    """Whether this machine can be ours; changes nothing."""
    if OWNER.exists():
        if OWNER.read_text(encoding="utf-8") != owner:
            other = OWNER.read_text(encoding="utf-8").split()[-1]
            raise Refusal(f"the machine is a seat of another class of Bancada already: {other}")
    else:
        refuse(json.loads(unwanted))
    return {"changed": False}


def open_note(owner: str, *, purges: bool = False) -> Facts:
    close_stale_note()
    now = {**manifest(), "purges": purges}
    LENT.mkdir(parents=True, exist_ok=True)
    LENT.chmod(0o700)
    OWNER.write_text(owner, encoding="utf-8")
    shutil.rmtree(ETC, ignore_errors=True)
    run("cp", "--archive", "/etc", str(ETC))
    if not OURS.exists():
        empty: Facts = {"files": {}, "packages": [], "auto": [], "want": {}, "users": [], "groups": [], "made": [],
                        "filled": {}, "settings": {}, "left": [], "online": is_online()}  # fmt: skip
        write(OURS, empty)
    write(OPEN, now)
    return {"changed": True}


def refuse(unwanted: Facts) -> None:
    there = set(names("/etc/passwd"))
    for account in unwanted.get("accounts", []):
        if account in there:
            raise Refusal(
                f"the machine has an account {account} already, which Bancada would change: rename or remove it"
            )
    installed = packages()
    for package in unwanted.get("packages", []):
        if package in installed:
            raise Refusal(f"the class's docker_source would remove the package {package}: set the other docker_source")


def close_stale_note() -> None:
    """Whoever held it died with the machine: what is newer than its last word is nobody's."""
    if OPEN.exists():
        if read(OPEN).get("purges"):
            close_purge()
        else:
            close_note(OPEN.stat().st_mtime)


def close_note(until: float | None = None) -> Facts:
    """Add all that changed while it was open to what is ours, with the original of each changed file; with `until`, in
    seconds since 1970, only what is not newer."""
    then, now, ours = read(OPEN), manifest(), read(OURS)
    left: list[str] = ours.setdefault("left", [])

    def is_ours(path: str, what: str = "") -> bool:
        if until is None or changed_at(path) <= until or os.path.basename(path) in OWN:
            return True
        if (what or path) not in left:
            left.append(what or path)
        return False

    for path in sorted(then["files"].keys() | now["files"].keys()):
        was, is_ = then["files"].get(path), now["files"].get(path)
        if was == is_ or not is_ours(path):
            continue
        if path not in ours["files"]:
            ours["files"][path] = {"was": was}
            if was is not None:
                keep(path)
        elif was is not None and was != ours["files"][path]["is"] and path not in UNDONE_OTHERWISE:
            continue  # somebody changed it after us: it never becomes ours again, and so it is left
        ours["files"][path]["is"] = is_
    brought = now["packages"].keys() - then["packages"].keys()
    brought = {name for name in brought if is_ours(package_file(name), f"the package {name}")}
    ours["packages"] = sorted({*ours["packages"], *brought})
    stayed = then["packages"].keys() & now["packages"].keys()
    unmarked = set(then["auto"]) & stayed - set(now["auto"])
    ours["auto"] = sorted({*ours["auto"], *(name for name in unmarked if is_ours(MARKS, f"the mark of {name}"))})
    for name in stayed:
        if then["packages"][name] != now["packages"][name] and is_ours(STATUS, f"the hold of {name}"):
            ours["want"].setdefault(name, then["packages"][name])
    for key, file in (("users", "/etc/passwd"), ("groups", "/etc/group")):
        new = [name for name in now[key] if name not in then[key] and name not in ours[key]]
        ours[key] += [name for name in new if name in OWN or is_ours(file, f"{name} of {file}")]
    for folder, entries in now["folders"].items():
        new = [f"{folder}/{name}" for name in entries if name not in then["folders"].get(folder, [])]
        ours["made"] += [path for path in new if path not in ours["made"] and is_ours(path)]
    for path, rights in then["empty"].items():
        if not is_empty(path) and is_ours(path):
            ours["filled"].setdefault(path, rights)
    for path, value in then["settings"].items():
        if now["settings"].get(path) != value and setting_is_ours(path, ours):
            ours["settings"].setdefault(path, value)
    end_note(ours)
    return {"changed": True}


def close_purge() -> None:
    """Add the files of /etc that a purge took away to what is ours. It only takes away, so all else that changed
    meanwhile is somebody's who is at work here."""
    then, ours = read(OPEN), read(OURS)
    for path, was in sorted(then["files"].items()):
        if path not in ours["files"] and not os.path.lexists(path):
            ours["files"][path] = {"was": was, "is": None}
            keep(path)
    end_note(ours)


def end_note(ours: Facts) -> None:
    write(OURS, ours)
    OPEN.unlink()
    shutil.rmtree(ETC, ignore_errors=True)


def package_file(name: str) -> str:
    """The file that dpkg writes when it installs a package."""
    found = [
        f"/var/lib/dpkg/info/{part}.list" for part in (name, f"{name}:{said('dpkg', '--print-architecture').strip()}")
    ]
    return next(filter(os.path.exists, found), STATUS)


def setting_is_ours(path: str, ours: Facts) -> bool:
    """Whether a file that we put into /etc/sysctl.d names it: others of the kernel's values change by themselves."""
    key = path.removeprefix("/proc/sys/").replace("/", ".")
    files = [file for file in ours["files"] if file.startswith("/etc/sysctl.d/") and os.path.isfile(file)]
    return any(key in Path(file).read_text(encoding="utf-8") for file in files)


def keep(path: str) -> None:
    """Keep the original of a file of /etc; of a folder its rights and owner only."""
    source, target = ETC / path.removeprefix("/etc/"), WAS / path.removeprefix("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and not source.is_symlink():
        target.mkdir(exist_ok=True)
        run("chmod", f"--reference={source}", str(target))
        run("chown", f"--reference={source}", str(target))
    else:
        run("cp", "--archive", "--no-target-directory", str(source), str(target))


# Giving back


def told_ours() -> Facts:
    """What `back` takes away, for whoever is to decide."""
    ours = read(OURS) if OURS.exists() else {}
    own = [
        path for path in ours.get("made", []) if os.path.lexists(path) and path != str(HOME) and not is_packaged(path)
    ]
    return {"packages": len(ours.get("packages", [])), "files": len(ours.get("files", {})),
            "accounts": ours.get("users", []), "folders": sorted(own)}  # fmt: skip


def back() -> Facts:
    with alone():
        return give_back()


def give_back() -> Facts:
    if not OURS.exists():
        shutil.rmtree(LENT, ignore_errors=True)
        return {"changed": False, "left": [], "kept": []}
    close_stale_note()
    ours = read(OURS)
    for user in ours["users"]:
        end_processes(user)
    stop_units(ours)
    take_images_away(ours)
    open_note(OWNER.read_text(encoding="utf-8"), purges=True)  # it can take away more than an installation brought
    kept = purge(ours)
    close_purge()
    ours = read(OURS)
    left = restore_files(ours)
    run("systemctl", "daemon-reload")
    start_units(ours)
    for path, value in ours["settings"].items():
        Path(path).write_text(value, encoding="utf-8")
    run("systemctl", "try-reload-or-restart", "ssh.service")
    for path, (mode, uid, gid) in ours["filled"].items():
        os.makedirs(path, exist_ok=True)
        for name in os.listdir(path):
            remove(f"{path}/{name}")
        os.chmod(path, int(mode, 8) & 0o7777)
        os.chown(path, uid, gid)
    for path in sorted(ours["made"], reverse=True):
        if path != str(HOME) and os.path.lexists(path) and not is_packaged(path):
            remove(path)
    if "/etc/locale.gen" in ours["files"] and shutil.which("locale-gen"):
        run("locale-gen")  # the archive of locales, of those that are asked for now
    for user in [user for user in ours["users"] if user != "bancada"] + ["bancada"] * ("bancada" in ours["users"]):
        if user in names("/etc/passwd"):
            end_processes(user)
            run("userdel", "--force", user)
    for group in ours["groups"]:
        if group in names("/etc/group"):
            run("groupdel", group)
    for path in BACKUPS:
        if path in ours["files"]:
            restore(path, ours["files"][path]["was"])
    for name in os.listdir(HOME):
        if name != LENT.name:
            remove(f"{HOME}/{name}")
    shutil.rmtree(HOME)  # the last of all: what is killed before this is done again
    return {"changed": True, "left": sorted({*left, *ours.get("left", [])}), "kept": kept}


def end_processes(user: str) -> None:
    """End all that runs as this account. We ourselves came in by another one, which was there before."""
    try:
        uid = pwd.getpwnam(user).pw_uid
    except KeyError:
        return
    run("systemctl", "stop", f"user@{uid}.service")
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.stat(f"/proc/{entry}").st_uid == uid:
                os.kill(int(entry), signal.SIGKILL)
        except OSError:
            continue
    # Asked for by name: by itself it goes when the last session is closed, some time after its processes ended.
    run("systemctl", "stop", f"user-runtime-dir@{uid}.service")
    run("systemctl", "reset-failed", f"user@{uid}.service", f"user-runtime-dir@{uid}.service")


def stop_units(ours: Facts) -> None:
    """Stop what runs by unit files or packages of ours, before those go."""
    new = [
        path for path, file in ours["files"].items() if file["was"] is None and path.startswith("/etc/systemd/system/")
    ]
    units = {os.path.basename(path) for path in new if path.endswith((".service", ".socket", ".timer"))}
    if "docker.io" in ours["packages"] or "docker-ce" in ours["packages"]:
        units |= {"docker.socket", "docker.service", "containerd.service"}
    for unit in sorted(units, reverse=True):
        if "docker" in unit or "containerd" in unit or os.path.isfile(f"/etc/systemd/system/{unit}"):
            run("systemctl", "stop", unit)
    if "docker.service" in units and ours.get("online") is False:  # Docker wanted it, and it stays by itself
        run("systemctl", "stop", ONLINE)


def is_online() -> bool:
    return run("systemctl", "is-active", ONLINE).strip() == "active"


def start_units(ours: Facts) -> None:
    """Start what started with the machine before us, and that we kept from it."""
    for path, file in ours["files"].items():
        if (
            file["was"] is not None
            and file["is"] is None
            and ".wants/" in path
            and path.startswith("/etc/systemd/system/")
        ):
            run("systemctl", "start", "--no-block", os.path.basename(path))


def take_images_away(ours: Facts) -> None:
    """Out of a Docker that was there before us."""
    if any(name in ours["packages"] for name in ("docker.io", "docker-ce")) or not shutil.which("docker"):
        return
    for archive in Path("/usr/lib/bancada/images").glob("*.tar"):
        run("docker", "image", "rm", f"{archive.stem}:local")
    Path("/var/lib/docker/.bancada-images").unlink(missing_ok=True)


def purge(ours: Facts) -> list[str]:
    """Purge our packages, but for those that a package of somebody else has come to need; these are returned."""
    there = [name for name in ours["packages"] if name in packages()]
    stayed = [name for name in ours["auto"] if name in packages()]
    if stayed:
        run("apt-mark", "auto", *stayed)
    if there:
        run("apt-mark", "unhold", *there)
        run("apt-mark", "auto", *there)
        options = ["-o", "APT::AutoRemove::RecommendsImportant=false", "-o", "APT::AutoRemove::SuggestsImportant=false"]
        free = removed_by("autoremove", *options)
        ready = [name for name in there if name in free]
        if ready:
            if more := removed_by("purge", *ready) - set(ready):
                raise Refusal(f"apt-get would remove {', '.join(sorted(more))} as well, which was there before us")
            run("apt-get", "purge", "--yes", *ready, check=True)
    # What a purged package left as `config files` is purged as well; what was removed by others is none of ours.
    for name, want in ours["want"].items():
        if name in packages():
            subprocess.run(["dpkg", "--set-selections"], input=f"{name} {want}\n", text=True, check=False)
    return [name for name in there if name in packages()]


def restore_files(ours: Facts) -> list[str]:
    """Bring back the files of /etc, deepest first; those that somebody changed after us are left, and returned."""
    left = []
    for path in sorted(ours["files"], reverse=True):
        was, is_ = ours["files"][path]["was"], ours["files"][path]["is"]
        now = fingerprint(path)
        if now == was or path in UNDONE_OTHERWISE:
            continue
        if now == is_ or now is None:
            if not restore(path, was):
                left.append(path)
        else:
            left.append(path)
    # Files come back before the folders that they lie in have their rights: so these once more.
    for path in sorted(ours["files"]):
        was = ours["files"][path]["was"]
        if was is not None and len(was) == 3 and os.path.isdir(path):
            restore(path, was)
    return left


def restore(path: str, was: list[Any] | None) -> bool:
    """Put the original back, or remove what had none; False for a folder that is not empty."""
    if was is None:
        if os.path.isdir(path) and not os.path.islink(path):
            try:
                os.rmdir(path)
            except OSError:
                return False
        elif os.path.lexists(path):
            os.unlink(path)
        return True
    source = WAS / path.removeprefix("/")
    if source.is_dir() and not source.is_symlink():
        os.makedirs(path, exist_ok=True)
        run("chmod", f"--reference={source}", path)
        run("chown", f"--reference={source}", path)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        draft = f"{path}.bancada-new"
        run("cp", "--archive", "--no-target-directory", str(source), draft, check=True)
        os.replace(draft, path)
    return True


def remove(path: str) -> None:
    run("rm", "--recursive", "--force", "--one-file-system", path)


# Small things


def read(path: Path) -> Facts:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def write(path: Path, document: Facts) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(document), encoding="utf-8")
    draft.replace(path)


COMMANDS: dict[str, Callable[..., Facts]] = {
    "ask": ask, "adopt": adopt, "hold": hold, "ours": told_ours, "back": back,
}  # fmt: skip


def main(command: str = "", *arguments: str) -> int:
    os.umask(0o022)
    try:
        answer = COMMANDS[command](*arguments)
    except (Refusal, OSError, LookupError, TypeError, ValueError) as problem:
        kind = "" if isinstance(problem, Refusal) else f"{type(problem).__name__}: "
        answer = {"error": f"{kind}{problem}"}
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
