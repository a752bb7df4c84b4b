"""Stages an exercise on a seat, and brings it back to pristine."""

import ctypes
import json
import os
import pwd
import signal
import socket
import time
from pathlib import Path
from typing import Any

from bancada.onseat.seatside import engine
from bancada.onseat.seatside.base import (
    LIMIT,
    STATE,
    Facts,
    Refusal,
    document,
    failed_units,
    libc,
    patient,
    run,
    state_folder,
    systemctl,
    text,
    within,
)
from bancada.onseat.seatside.cgroups import cgroup_folders, let_go, move_out, pids_in
from bancada.onseat.seatside.files import mounts
from bancada.onseat.seatside.namespaces import apart, in_time, ipc
from bancada.onseat.seatside.networking import interfaces, remove_addresses, remove_rules
from bancada.onseat.seatside.ownership import belonging, words
from bancada.onseat.seatside.processes import foreign, process, processes
from bancada.onseat.seatside.removal import remove_tree
from bancada.onseat.seatside.snapshot import PASSING

NETNS = "/run/netns"
TRANSIENT = "/run/systemd/transient"  # units without a file of their own
DEADLINE = 5.0  # seconds that a killed process may take to go


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


def standing() -> Facts:
    """What stands on the seat that is no process and no file."""
    return {
        "mounts": [mount["target"] for mount in mounts()],
        "interfaces": interfaces(),
        "docker": engine.things_before(),
        "ipc": ipc_objects(),
        "cgroups": cgroup_folders(),
    }


def baseline(*names: str) -> Facts:
    paths = [path for name in names if not (path := state_folder(name) / "baseline.json").exists()]
    if paths:
        units = systemctl("list-units", "--type=service", "--all", "--plain", "--no-legend").communicate()[0]
        procs = processes()
        document = {
            "boot": boot(),
            "processes": {f"{pid} {proc['start']}": sorted(foreign(proc, procs[1])) for pid, proc in procs.items()},
            "hostname": socket.gethostname(),
            "etc_hostname": text("/etc/hostname") if os.path.exists("/etc/hostname") else None,
            "services": [line.split()[0] for line in units.splitlines() if line.strip()],
            **standing(),
        }
        for path in paths:
            write(path, json.dumps(document))
    return {"changed": bool(paths)}


def ipc_objects() -> dict[str, list[Any]]:
    """The seat's own System V objects by id, and POSIX message queues by name."""
    found = in_time(apart(ipc))
    columns = {"msg": "msqid", "shm": "shmid", "sem": "semid"}
    return {
        "queues": list(found["queues"]),
        **{kind: [one[id_] for one in found[kind]] for kind, id_ in columns.items()},
    }


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
        begun = (state_folder(request["name"]) / "baseline.json").exists()
        if not begun and "docker" in request.get("claims", []) and engine.silent():
            raise Refusal(f"Docker does not answer, so what it holds by now cannot be noted; type: {engine.WAKE}")
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


def kill(request: Facts, before: Facts) -> list[str]:
    """End all that belongs, again and again until nothing new appears; returns what was ended."""
    ended: dict[tuple[int, int], str] = {}
    units: set[str] = set()
    end = time.monotonic() + patient(DEADLINE)
    while targets := belonging(processes(), request, before):
        if "cgroup" in request["claims"]:
            release({proc["pid"] for proc in targets}, set(cgroup_folders()) - set(before["cgroups"]))
        for proc in targets:
            if time.monotonic() > end:
                raise Refusal(
                    f"process {proc['pid']} ({proc['comm']}) does not end, {patient(DEADLINE):.0f} s after SIGKILL"
                )
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
            if proc["unit"] and proc["unit"] not in units:  # else systemd starts it anew, or keeps it failed
                units.add(proc["unit"])
                for verb in ("stop", "reset-failed"):
                    systemctl(verb, proc["unit"]).communicate()
        time.sleep(0.01)
    return list(ended.values())


def release(pids: set[int], groups: set[str]) -> None:
    """Let go of these processes: of the groups that they are in, or that lie above. Others keep their limits."""
    homes = [folder for folder in groups if pids.intersection(pids_in(folder))]
    for folder in groups:
        if any(within(home, folder) for home in homes):
            let_go(folder)


def unmount(request: Facts, before: Facts) -> list[str]:
    """Deepest first: what lies under the folder, files that hold a namespace of a claimed type, and new mounts.

    New mounts elsewhere belong to who claims mnt, but for those in other exercises' folders, and the system's.
    """

    def is_ours(mount: Facts) -> bool:
        target = mount["target"]
        if within(target, request["folder"]):
            return True
        if target in before["mounts"] or any(within(target, other) for other in request["other_folders"]):
            return False
        if mount["fstype"] == "nsfs":
            return mount["root"].split(":")[0] in request["claims"]
        return "mnt" in request["claims"] and not PASSING.search(target) and target != NETNS

    gone: list[str] = []
    for _ in range(LIMIT):
        ours = [mount for mount in mounts() if is_ours(mount)]
        if not ours:
            break
        target = ours[-1]["target"]
        detach(target)
        gone.append(target)
        if ours[-1]["fstype"] == "nsfs" and os.path.isfile(target) and not os.path.getsize(target):
            os.unlink(target)
    else:
        raise Refusal(f"mounts keep appearing under {request['folder']}")
    if "net" in request["claims"] and os.path.isdir(NETNS) and not os.listdir(NETNS) and NETNS not in before["mounts"]:
        for mount in mounts():  # what ip-netns(8) leaves behind
            if mount["target"] == NETNS:
                detach(NETNS)
        os.rmdir(NETNS)
    return gone


def detach(target: str) -> None:
    path = os.fsencode(target)
    if libc.umount2(path, 0) and libc.umount2(path, 2):  # 2: MNT_DETACH
        raise Refusal(f"cannot unmount {target}: {os.strerror(ctypes.get_errno())}")


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
        groups = sorted(set(cgroup_folders()) - set(before["cgroups"]), reverse=True)
        gone += [path for path in groups if disband(path, request)]
    if "net" in request["claims"]:
        for name in sorted(set(interfaces()) - set(before["interfaces"])):
            if not run("ip", "link", "delete", name)["code"]:
                gone.append(name)
        gone += remove_addresses(words(request["variant"]))
        gone += remove_rules([*request["new_interfaces"], *words(request["variant"])])
    if "ipc" in request["claims"]:
        gone += remove_ipc(before.get("ipc", {}))
    if "docker" in request["claims"]:
        others = [one for path in STATE.glob("*/staged.json") if (one := known(path)).get("name") != request["name"]]
        theirs = [word for one in others for word in words(one.get("variant", {}))]
        gone += engine.remove_things(before.get("docker", {}), theirs)
    if left := [mount["target"] for mount in mounts() if within(mount["target"], str(folder))]:
        raise Refusal(f"{left[0]} is still mounted, so {folder} is not removed")
    for place in (folder, state_folder(request["name"])):
        if place.is_symlink():
            place.unlink()
        elif place.exists():
            remove_tree(place)
        else:
            continue
        gone.append(str(place))
    for empty in (folder.parent, folder.parent.parent, STATE):
        if empty.is_dir() and not os.listdir(empty) and not os.path.ismount(empty):
            empty.rmdir()
    return gone


def disband(folder: str, request: Facts) -> bool:
    """Move out of a control group who may be moved, and remove it; not where somebody else lives in it, or below.

    A killed process is counted in its group until it has given back all its memory, which takes a busy seat a while.
    """
    deadline = time.monotonic() + patient(DEADLINE)
    while True:
        procs = processes()
        living = [pid for pid in pids_in(folder) if pid in procs]
        guests = [pid for pid in living if may_be_moved(procs[pid], request)]
        move_out(folder, guests)
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            return False
        except OSError:
            if guests != living or below(folder) or time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def below(folder: str) -> list[str]:
    """The groups right below a control group."""
    return next(os.walk(folder), ("", [], []))[1]


def may_be_moved(proc: Facts, request: Facts) -> bool:
    """Whether reset may take it out of a control group: no container's, and not at work in another exercise."""
    places = [proc[place] for place in ("cwd", "root", "exe", "pwd")]
    return not proc["container"] and not any(within(p, other) for p in places for other in request["other_folders"])


def forget_failed(known_before: list[str]) -> list[str]:
    """Units of systemd-run that failed, as one whose process was killed: they stay listed otherwise."""
    asked = systemctl("list-units", "--failed", "--plain", "--no-legend")
    new = [unit for unit in failed_units(asked) if unit not in known_before and os.path.exists(f"{TRANSIENT}/{unit}")]
    if new:
        systemctl("reset-failed", *new).communicate()
    return new


def remove_ipc(before: Facts) -> list[str]:
    gone = []
    options = {"msg": "-q", "shm": "-m", "sem": "-s"}
    for kind, found in ipc_objects().items():
        for one in found:
            if one in before.get(kind, []):
                continue
            if kind == "queues":
                os.unlink(f"/dev/mqueue/{one}")
            else:
                run("ipcrm", options[kind], str(one))
            gone.append(f"{kind} {one}")
    return gone


def known(marker: Path) -> Facts:
    """What staging left about an exercise; nothing where its student broke it."""
    told = document(marker)
    return told if isinstance(told, dict) else {}


def reset(request: Facts) -> Facts:
    folder = place_of(request)
    neighbours = [str(path) for path in folder.parent.parent.glob("*/*") if path != folder]
    marker, path = (state_folder(request["name"]) / name for name in ("staged.json", "baseline.json"))
    variant = known(marker).get("variant", {})
    request = {"claims": [], "other_folders": neighbours, "variant": variant, **request}
    if path.exists():
        before = document(path)
        if not isinstance(before, dict) or not {"boot", "processes", "services", "interfaces"} <= before.keys():
            raise Refusal(f"{path} is damaged, so what was there before is not known; without it, all was: rm it")
    else:
        before = {"boot": "", "processes": {}, "services": [], **standing()}
    if before["boot"] != boot():
        before["processes"] = {}  # another boot: other processes by the same numbers
    # Told before anything is ended: a veth goes with the namespace at its other end, the rules that name it do not.
    request["new_interfaces"] = sorted(set(interfaces()) - set(before["interfaces"]))
    ended, unmounted = kill(request, before), unmount(request, before)
    hostname = restore_hostname(before) if path.exists() and "uts" in request["claims"] else None
    gone = remove(request, before)
    gone += forget_failed(before["services"])
    return {"changed": bool(ended or unmounted or hostname or gone), "killed": ended, "unmounted": unmounted,
            "removed": gone, "hostname": hostname}  # fmt: skip
