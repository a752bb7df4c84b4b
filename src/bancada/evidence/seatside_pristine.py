"""Stages an exercise on a seat and brings it back to pristine. Runs there in one stream, before seatside.py.

Reset ends a process if it was not there at the baseline and (a) its cwd, root, exe or PWD lies in the exercise's
folder, or (b) it has a namespace (or, claimed as "root", a root directory) of a claimed type that is not the seat's
own, and does not lie in another exercise's folder by (a). With it go its descendants, and the sudo, unshare… that hold
it. Spared are services that came with the system, containers of Docker, sshd and, so that nobody is thrown out of
the seat, the shell that is the direct child of sshd, login, tmux or screen: even where it stands in the folder, but
not where it has itself gone to a claimed namespace or to another root.
"""

import ctypes
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

if __name__ != "__main__":  # on the seat both files are one program; here each is a module
    from bancada.evidence.seatside import (
        EXERCISES,
        LIMIT,
        STATE,
        Refusal,
        failed_units,
        foreign,
        libc,
        mine,
        mounts,
        process,
        processes,
        state_folder,
        systemctl,
        text,
        walk,
        within,
    )

Facts = dict[str, Any]  # a JSON object
DEADLINE = 5.0  # seconds that a killed process may take to go
WRAPPERS = {"sudo", "unshare", "nsenter", "chroot", "setsid", "nohup", "timeout", "env", "strace", "script"}
LOGINS = {"sshd", "sshd-session", "login", "tmux: server", "screen"}
SHELLS = {"bash", "sh", "dash", "zsh", "fish", "rbash"}
UNITS = ("/usr/lib/systemd/system", "/lib/systemd/system")  # units that came with a package


def cgroup_folders() -> list[str]:
    """The seat's control groups that somebody made by hand: what systemd makes bears the name of a unit.

    Only what lies under the seat's own group: the hierarchies of a container show the whole machine.
    """
    groups = (process(1) or {})["cgroup"]
    own = groups.get("name=systemd", groups.get("", "/")).removesuffix("/init.scope")
    found = []
    for mount in mounts():
        if mount["fstype"] not in ("cgroup", "cgroup2"):
            continue
        names = {"": mount["fstype"] == "cgroup2"} | dict.fromkeys(mount["options"].split(","), True)
        path = next((path for name, path in groups.items() if names.get(name)), "/").removesuffix("/init.scope")
        if not within(path, own) or not within(path, mount["root"]):
            continue
        for folder, children, _ in os.walk(mount["target"] + path[len(mount["root"].rstrip("/")) :]):
            children[:] = [
                name for name in children if not re.search(r"\.(service|scope|slice|mount|socket|swap)$", name)
            ]
            found += [f"{folder}/{name}" for name in children]
    return sorted(set(found))


def boot() -> str:
    return text("/proc/sys/kernel/random/boot_id").strip()


def write(path: Path, content: str, uid: int = 0, gid: int = 0) -> None:
    """All or nothing: whoever is killed half-way leaves no half file. A link in its place is replaced, not followed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.write_text(content, encoding="utf-8")
    draft.chmod(0o644)
    os.chown(draft, uid, gid)
    draft.replace(path)


def baseline(*names: str) -> Facts:
    paths = [path for name in names if not (path := state_folder(name) / "baseline.json").exists()]
    if paths:
        units = systemctl("list-units", "--type=service", "--all", "--plain", "--no-legend").communicate()[0]
        procs = processes()
        document = {
            "boot": boot(),
            "processes": {f"{pid} {proc['start']}": sorted(foreign(proc, procs[1])) for pid, proc in procs.items()},
            "mounts": [mount["target"] for mount in mounts()],
            "hostname": socket.gethostname(),
            "etc_hostname": text("/etc/hostname") if os.path.exists("/etc/hostname") else None,
            "interfaces": [name for _, name in socket.if_nameindex()],
            "services": [line.split()[0] for line in units.splitlines() if line.strip()],
            "cgroups": cgroup_folders(),
        }
        for path in paths:
            write(path, json.dumps(document))
    return {"changed": bool(paths)}


def place_of(request: Facts) -> Path:
    """The exercise's folder, which the student may have tampered with."""
    folder = Path(request["folder"])
    if not folder.is_absolute() or not str(folder).endswith("/" + request["name"]) or ".." in folder.parts:
        raise Refusal(f"{folder} is not the folder of {request['name']}")
    if folder.parent.is_symlink() or folder.parent.parent.is_symlink():
        raise Refusal(f"{folder.parent} was replaced by a symbolic link; nothing is done through it")
    return folder


def stage(request: Facts) -> Facts:
    """Folder and texts, and last of all the marker where one is given; with `check` only tells what would change."""
    folder, check, written = place_of(request), bool(request.get("check")), []
    owner = pwd.getpwnam(request["user"])
    if not check:
        baseline(request["name"])
    for path in (folder.parent.parent, folder.parent, folder):
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise Refusal(f"{path} is not a directory; put it out of the way")
        if not path.is_dir():
            written.append(str(path))
            if not check:
                path.mkdir()
        if not check and (path.stat().st_uid, path.stat().st_gid) != (owner.pw_uid, owner.pw_gid):
            os.chown(path, owner.pw_uid, owner.pw_gid)
            written.append(str(path))
    wanted = {folder / name: (text, owner.pw_uid, owner.pw_gid) for name, text in request.get("texts", {}).items()}
    if request.get("marker"):
        wanted[state_folder(request["name"]) / "staged.json"] = (json.dumps(request["marker"]) + "\n", 0, 0)
    for path, (content, uid, gid) in wanted.items():
        if path.is_file() and not path.is_symlink():
            found = path.stat()
            if (found.st_uid, found.st_gid, found.st_mode & 0o777) == (uid, gid, 0o644) and text(path) == content:
                continue
        written.append(str(path))
        if not check:
            write(path, content, uid, gid)
    return {"changed": bool(written), "written": written}


def spared(proc: Facts, procs: dict[int, Facts], before: Facts) -> bool:
    """Services of the system, and the one shell that keeps a person logged in."""
    service, parent = proc["service"], procs.get(proc["ppid"])
    if service:
        unit = re.sub(r"@.*\.", "@.", service)
        return service in before["services"] or any(os.path.exists(f"{folder}/{unit}") for folder in UNITS)
    if parent and parent["comm"] in LOGINS and os.path.basename(proc["exe"] or "") in SHELLS:
        return bool(proc["root_id"] == procs[1]["root_id"])
    return proc["comm"] in LOGINS


def belonging(procs: dict[int, Facts], request: Facts, before: Facts) -> list[Facts]:
    """The processes that reset ends; the rules are at the top of this file."""
    init, us, claims = procs[1], mine(procs), set(request["claims"])

    def lies_in(proc: Facts, folder: str) -> bool:
        return any(within(proc[place], folder) for place in ("cwd", "root", "exe", "pwd"))

    chosen: set[int] = set()
    kept = us | {1}
    for pid, proc in procs.items():
        then = before["processes"].get(f"{pid} {proc['start']}")
        gained = foreign(proc, init) & claims - set(then or [])
        safe = spared(proc, procs, before)
        if (
            pid in kept
            or proc["container"]
            or (safe and proc["service"])
            or (not gained and (safe or then is not None))
        ):
            kept.add(pid)
        elif lies_in(proc, request["folder"]):
            chosen.add(pid)
        elif any(lies_in(proc, other) for other in request["other_folders"]):
            kept.add(pid)
        elif gained:
            chosen.add(pid)
    for pid in tuple(chosen):  # who holds them: sudo, unshare…
        parent = procs.get(procs[pid]["ppid"])
        while parent and parent["pid"] not in kept and parent["comm"] in WRAPPERS:
            chosen.add(parent["pid"])
            parent = procs.get(parent["ppid"])
    grown = True
    while grown:  # whom they started
        more = {pid for pid, proc in procs.items() if proc["ppid"] in chosen} - chosen - kept
        grown = bool(more)
        chosen |= more
    return [procs[pid] for pid in sorted(chosen)]


def kill(request: Facts, before: Facts) -> list[str]:
    """End all that belongs, again and again until nothing new appears; returns what was ended."""
    ended: dict[tuple[int, int], str] = {}
    services: set[str] = set()
    end = time.monotonic() + DEADLINE
    while targets := belonging(processes(), request, before):
        for proc in targets:
            if time.monotonic() > end:
                raise Refusal(f"process {proc['pid']} ({proc['comm']}) does not end, {DEADLINE:.0f} s after SIGKILL")
            try:
                handle = os.pidfd_open(proc["pid"])
                if (now := process(proc["pid"])) and now["start"] == proc[
                    "start"
                ]:  # not somebody who got the number since
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                os.close(handle)
            except (OSError, ValueError, KeyError):
                continue  # it was quicker
            ended[proc["pid"], proc["start"]] = f"{proc['comm']} ({proc['pid']})"
            if proc["service"] and proc["service"] not in services:  # else systemd starts it anew, or keeps it failed
                services.add(proc["service"])
                for verb in ("stop", "reset-failed"):
                    systemctl(verb, proc["service"]).communicate()
        time.sleep(0.01)
    return list(ended.values())


def unmount(request: Facts, before: Facts) -> list[str]:
    """Deepest first, whatever lies under the folder, and the files that hold a namespace of a claimed type."""
    gone: list[str] = []
    for _ in range(LIMIT):
        ours = [mount for mount in mounts() if within(mount["target"], request["folder"]) or (
            mount["fstype"] == "nsfs" and mount["target"] not in before["mounts"]
            and mount["root"].split(":")[0] in request["claims"])]  # fmt: skip
        if not ours:
            return gone
        target = ours[-1]["target"]
        path = os.fsencode(target)
        if libc.umount2(path, 0) and libc.umount2(path, 2):  # 2: MNT_DETACH
            raise Refusal(f"cannot unmount {target}: {os.strerror(ctypes.get_errno())}")
        gone.append(target)
        if ours[-1]["fstype"] == "nsfs" and os.path.isfile(target) and not os.path.getsize(target):
            os.unlink(target)
    raise Refusal(f"mounts keep appearing under {request['folder']}")


def restore_hostname(before: Facts) -> str | None:
    changed = None
    if socket.gethostname() != before["hostname"]:
        socket.sethostname(before["hostname"])
        changed = before["hostname"]
    etc = Path("/etc/hostname")
    if before["etc_hostname"] is not None and (not etc.exists() or text(etc) != before["etc_hostname"]):
        etc.write_text(before["etc_hostname"])
        changed = before["hostname"]
    return changed


def remove(request: Facts, before: Facts) -> list[str]:
    folder = Path(request["folder"])
    gone: list[str] = []
    if "cgroup" in request["claims"]:
        for path in sorted(set(cgroup_folders()) - set(before["cgroups"]), reverse=True):
            try:
                os.rmdir(path)
                gone.append(path)
            except OSError:
                continue  # somebody lives in it: not this exercise, whose processes are gone
    if "net" in request["claims"]:
        for name in sorted({name for _, name in socket.if_nameindex()} - set(before["interfaces"])):
            if not subprocess.run(["ip", "link", "delete", name], stderr=subprocess.DEVNULL).returncode:
                gone.append(name)
    if left := [mount["target"] for mount in mounts() if within(mount["target"], str(folder))]:
        raise Refusal(f"{left[0]} is still mounted, so {folder} is not removed")
    for place in (folder, state_folder(request["name"])):
        if place.is_symlink():
            place.unlink()
        elif place.exists():
            shutil.rmtree(place)
        else:
            continue
        gone.append(str(place))
    for empty in (folder.parent, folder.parent.parent, STATE):
        if empty.is_dir() and not os.listdir(empty):
            empty.rmdir()
    return gone


def reset(request: Facts) -> Facts:
    folder = place_of(request)
    neighbours = [str(path) for path in folder.parent.parent.glob("*/*") if path != folder]
    request = {"claims": [], "other_folders": neighbours, **request}
    path = state_folder(request["name"]) / "baseline.json"
    before: Facts = {"boot": "", "processes": {}, "mounts": [], "services": [], "cgroups": cgroup_folders(),
              "interfaces": [name for _, name in socket.if_nameindex()]}  # fmt: skip
    if known := path.exists():
        before = json.loads(path.read_text())
    if before["boot"] != boot():
        before["processes"] = {}  # another boot: other processes by the same numbers
    ended, unmounted = kill(request, before), unmount(request, before)
    hostname = restore_hostname(before) if known and "uts" in request["claims"] else None
    gone = remove(request, before)
    return {"changed": bool(ended or unmounted or hostname or gone), "killed": ended, "unmounted": unmounted,
            "removed": gone, "hostname": hostname}  # fmt: skip


def without_own_address(hosts: str) -> str:
    """What hosts(5) says but for the machine's own address, which can be another after each boot."""
    return re.sub(rf"(?m)^\S+(?=\s(.*\s)?{re.escape(socket.gethostname())}(\s|$))", "*", hosts)


def snapshot(request: Facts | None = None) -> Facts:
    root = (request or {}).get("exercises_root", EXERCISES)
    procs = processes()
    init, us = procs[1], mine(procs)
    before: Facts = {"services": []}
    lines: dict[str, int] = {}
    for pid, proc in procs.items():
        if pid in us or pid == 1 or spared(proc, procs, before) or proc["comm"] in ("(sd-pam)", "systemd"):
            continue
        key = f"{proc['comm']}: {' '.join(proc['cmdline'])} [{' '.join(sorted(foreign(proc, init)))}]"
        lines[key] = lines.get(key, 0) + 1
    files = {}
    scaffold = {root, f"{STATE}"} | (
        {f"{root}/{topic}" for topic in os.listdir(root)} if os.path.isdir(root) else set()
    )
    skipped = re.compile(r"/(\.ssh|\.cache|\.ansible|\.bash_history|systemd-private-[^/]*|ansible-[^/]*)(/|$)")
    for top in (os.path.dirname(root), "/tmp", "/var/tmp", "/srv", "/opt", "/root", "/var/lib/bancada", "/run/netns"):
        for path, file in walk(top, limit=20000)[0].items():
            if not skipped.search(f"{top}/{path}") and f"{top}/{path}" not in scaffold:
                files[f"{top}/{path}"] = " ".join([file["type"], str(file["size"]) if file["type"] == "file" else ""])
    passing = re.compile(r"/run/(user|credentials|docker)(/|$)|/proc/sys/fs/binfmt_misc$")
    failed = systemctl("list-units", "--failed", "--plain", "--no-legend")
    return {
        "processes": lines,
        "mounts": {mount["target"]: f"{mount['fstype']} {mount['source']} {mount['root']}"
                   for mount in mounts() if not passing.search(mount["target"])},
        "interfaces": {name: "" for _, name in socket.if_nameindex()},
        "cgroups": dict.fromkeys(cgroup_folders(), ""),
        "hostname": {"kernel": socket.gethostname(), **{
            path: without_own_address(text(path)) for path in ("/etc/hostname", "/etc/hosts") if os.path.exists(path)}},
        "files": files,
        "ipc": {kind: len(text(f"/proc/sysvipc/{kind}").splitlines()) - 1 for kind in ("shm", "sem", "msg")},
        "mqueues": dict.fromkeys(os.listdir("/dev/mqueue") if os.path.isdir("/dev/mqueue") else [], ""),
        "failed_units": dict.fromkeys(failed_units(failed), ""),
    }  # fmt: skip
