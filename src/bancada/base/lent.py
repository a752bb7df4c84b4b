"""Runs as root on a machine that was there before us: notes what it is like, and gives it back like that.

    lent.py open OWNER '{"accounts": [...], "packages": [...]}'    lent.py close    lent.py back

Between `open` and `close` lies what `bancada up` does, so all that changes there is ours: packages, accounts, files of
/etc, new entries of the folders in FLAT. `back` undoes that and nothing else: a file that somebody changed after us
stays as it is, and is named. OWNER is the class's public key; the accounts and packages named with it must not be there
before us, since we would change or remove them. Every step may be killed and done again. Only Python's standard library
is used.
"""

import hashlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Facts = dict[str, Any]

HOME = Path("/var/lib/bancada")
LENT = HOME / "lent"
OWNER, OPEN, OURS, ETC, WAS = (LENT / name for name in ("owner", "open.json", "ours.json", "etc", "was"))
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
# Lists of accounts: undone by userdel and groupdel, so that accounts made since stay.
ACCOUNTS = tuple(f"/etc/{name}" for name in ("passwd", "shadow", "group", "gshadow", "subuid", "subgid"))
BACKUPS = tuple(f"{path}-" for path in ACCOUNTS)
DERIVED = ("/etc/ld.so.cache",)  # made anew by every change of packages
SETTINGS = ("kernel", "user", "net/ipv4", "net/core", "net/bridge")  # under /proc/sys
APT = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


class Refusal(Exception):
    """What is said in one sentence instead of a traceback."""


# What a machine is like


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


# Between open and close


def open_note(owner: str, unwanted: str = "{}") -> Facts:
    if OWNER.exists():
        if OWNER.read_text(encoding="utf-8") != owner:
            other = OWNER.read_text(encoding="utf-8").split()[-1]
            raise Refusal(f"the machine is a seat of another class of Bancada already: {other}")
    else:
        refuse(json.loads(unwanted))
    if OPEN.exists():
        return {"changed": False}
    now = manifest()
    LENT.mkdir(parents=True, exist_ok=True)
    LENT.chmod(0o700)
    OWNER.write_text(owner, encoding="utf-8")
    shutil.rmtree(ETC, ignore_errors=True)
    run("cp", "--archive", "/etc", str(ETC))
    if not OURS.exists():
        empty: Facts = {"files": {}, "packages": [], "auto": [], "want": {}, "users": [], "groups": [], "made": [],
                        "filled": {}, "settings": {}}  # fmt: skip
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


def close_note() -> Facts:
    """Add all that changed since `open` to what is ours, with the original of each changed file."""
    if not OPEN.exists():
        return {"changed": False}
    then, now, ours = read(OPEN), manifest(), read(OURS)
    for path in sorted(then["files"].keys() | now["files"].keys()):
        was, is_ = then["files"].get(path), now["files"].get(path)
        if was == is_:
            continue
        if path not in ours["files"]:
            ours["files"][path] = {"was": was}
            if was is not None:
                keep(path)
        ours["files"][path]["is"] = is_
    ours["packages"] = sorted({*ours["packages"], *(now["packages"].keys() - then["packages"].keys())})
    stayed = then["packages"].keys() & now["packages"].keys()
    ours["auto"] = sorted({*ours["auto"], *(set(then["auto"]) & stayed - set(now["auto"]))})
    for name in stayed:
        if then["packages"][name] != now["packages"][name]:
            ours["want"].setdefault(name, then["packages"][name])
    for key in ("users", "groups"):
        ours[key] += [name for name in now[key] if name not in then[key] and name not in ours[key]]
    for folder, entries in now["folders"].items():
        new = [f"{folder}/{name}" for name in entries if name not in then["folders"].get(folder, [])]
        ours["made"] += [path for path in new if path not in ours["made"]]
    for path, rights in then["empty"].items():
        if not is_empty(path):
            ours["filled"].setdefault(path, rights)
    for path, value in then["settings"].items():
        if now["settings"].get(path) != value and setting_is_ours(path, ours):
            ours["settings"].setdefault(path, value)
    write(OURS, ours)
    OPEN.unlink()
    shutil.rmtree(ETC)
    return {"changed": True}


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


def give_back() -> Facts:
    if not OURS.exists():
        shutil.rmtree(LENT, ignore_errors=True)
        return {"changed": False, "left": [], "kept": []}
    close_note()
    ours = read(OURS)
    for user in ours["users"]:
        end_processes(user)
    stop_units(ours)
    take_images_away(ours)
    open_note(OWNER.read_text(encoding="utf-8"))  # a purge can take away more than an installation brought
    kept = purge(ours)
    close_note()
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
    return {"changed": True, "left": left, "kept": kept}


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


def removed_by(*words: str) -> set[str]:
    told = run("apt-get", "--simulate", *words, check=True)
    return {line.split()[1].split(":")[0] for line in told.splitlines() if line.startswith(("Remv ", "Purg "))}


def restore_files(ours: Facts) -> list[str]:
    """Bring back the files of /etc, deepest first; those that somebody changed after us are left, and returned."""
    left = []
    for path in sorted(ours["files"], reverse=True):
        was, is_ = ours["files"][path]["was"], ours["files"][path]["is"]
        now = fingerprint(path)
        if now == was or path in (*ACCOUNTS, *BACKUPS, *DERIVED):
            continue
        if now == is_ or now is None or is_ is None:
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


def is_packaged(path: str) -> bool:
    return subprocess.run(["dpkg-query", "--search", path], capture_output=True, check=False).returncode == 0


def remove(path: str) -> None:
    run("rm", "--recursive", "--force", "--one-file-system", path)


# Small things


def run(*argv: str, check: bool = False) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", env=APT, check=False)
    if check and done.returncode:
        raise Refusal(f"{argv[0]} failed: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
    return done.stdout


def said(*argv: str) -> str:
    return run(*argv, check=True)


def read(path: Path) -> Facts:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def write(path: Path, document: Facts) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(document), encoding="utf-8")
    draft.replace(path)


COMMANDS: dict[str, Callable[..., Facts]] = {"open": open_note, "close": close_note, "back": give_back}


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
