"""What runs on a seat, as root, in one SSH round trip; stdlib only, Python 3.11 or newer.

    cat seatside_pristine.py seatside.py | ssh seat sudo -n python3 - COMMAND [ARGUMENT…]

collect JSON    {"exercises_root": …, "exercises": […]}: the kernel's evidence, read by bancada.evidence.model
baseline NAME…  remember what the seat was like before the first staging of these exercises
stage JSON      {"name": …, "folder": …, "user": …, "texts": {file: text}, "marker": …}: folder, texts, then marker
reset JSON      {"name": …, "folder": …, "claims": […]}: end what the exercise left behind
snapshot [JSON] everything that must be equal before staging and after reset, without pids and times

Each prints one JSON document; a refusal is {"error": {"message": …}} and exit code 1.
All but the first are in seatside_pristine.py; `collect` alone needs this file only.
"""

import ctypes
import json
import os
import re
import socket
import stat
import struct
import subprocess
import sys
from collections.abc import Container
from pathlib import Path
from typing import Any

STATE = Path("/var/lib/bancada/exercises")
EXERCISES = "/home/student/exercises"
LIMIT = 3000  # entries of one folder or root
KERNEL_THREAD = 0x00200000  # PF_KTHREAD in the flags of /proc/PID/stat
CONTAINER = re.compile(r"/(docker|cri-containerd)[-/][0-9a-f]{64}")
Facts = dict[str, Any]  # a JSON object
libc = ctypes.CDLL(None, use_errno=True)


class Refusal(Exception):
    """What is said in one sentence instead of a traceback."""


def text(path: str | Path) -> str:
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "replace")


def link(path: str) -> str | None:
    try:
        return os.readlink(path)
    except OSError:
        return None


def identity(path: str) -> list[int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_dev, found.st_ino]


def within(path: str | None, folder: str) -> bool:
    return path is not None and f"{path}/".startswith(folder.rstrip("/") + "/")


# ---- processes and namespaces -------------------------------------------------------------------------------------


def inode(target: str | None) -> int | None:
    return int(target.split("[")[1][:-1]) if target and "[" in target else None


def namespaces(folder: str) -> dict[str, int]:
    found = {name: inode(link(f"{folder}/{name}")) for name in os.listdir(folder)}
    return {name: number for name, number in found.items() if number is not None}


def service_of(cgroups: dict[str, str]) -> str | None:
    """The system service that a process belongs to: of the user's own manager it is none."""
    path = cgroups.get("name=systemd") or cgroups.get("", "")
    found = re.search(r"/system\.slice/(?:[^/]+\.slice/)*([^/]+\.service)", path)
    return found[1] if found else None


def process(pid: int) -> Facts | None:
    """One process, or None for kernel threads and zombies. OSError where it vanishes while it is read."""
    base = f"/proc/{pid}"
    comm, rest = text(f"{base}/stat").split("(", 1)[1].rsplit(")", 1)
    fields = rest.split()
    if int(fields[6]) & KERNEL_THREAD or fields[0] in "ZX":
        return None
    status = dict(line.split(":", 1) for line in text(f"{base}/status").splitlines())
    cgroups: dict[str, str] = {}
    for line in text(f"{base}/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        cgroups |= dict.fromkeys(controllers.split(","), path)
    environ = dict(item.split("=", 1) for item in text(f"{base}/environ").split("\0") if "=" in item)
    maps = {name: [[int(n) for n in line.split()] for line in text(f"{base}/{name}").splitlines()]
            for name in ("uid_map", "gid_map")}  # fmt: skip
    return {
        "pid": pid,
        "ppid": int(fields[1]),
        "uid": int(status["Uid"].split()[0]),
        "start": int(fields[19]),
        "session": int(fields[3]),
        "comm": comm,
        "cmdline": text(f"{base}/cmdline").rstrip("\0").split("\0"),
        "exe": link(f"{base}/exe"),
        "cwd": link(f"{base}/cwd"),
        "root": os.readlink(f"{base}/root"),
        "root_id": identity(f"{base}/root/"),
        "pwd": environ.get("PWD"),
        "ns": namespaces(f"{base}/ns"),
        "nspid": [int(n) for n in status.get("NSpid", str(pid)).split()],
        **maps,
        "cgroup": cgroups,
        "service": service_of(cgroups),
        "container": any(CONTAINER.search(path) for path in cgroups.values()),
        "caps": {name[3:]: int(value, 16) for name, value in status.items() if name.startswith("Cap")},
        "no_new_privs": int(status.get("NoNewPrivs", 0)),
        "seccomp": int(status.get("Seccomp", 0)),
        "proc_shows": inode(link(f"{base}/root/proc/1/ns/pid")),
    }


def see_through_proc(keep: bool) -> None:
    """Look beneath a /proc of another pid namespace that was mounted over the seat's: it does not show us.

    Unmounts it for all where `keep` is false, otherwise for this program alone.
    """
    if link("/proc/self"):
        return
    if keep and (libc.unshare(0x00020000) or libc.mount(b"none", b"/", None, 0x44000, None)):  # MS_REC | MS_PRIVATE
        raise Refusal("/proc is not the seat's own, and no view beneath it can be had")
    while not link("/proc/self"):
        if libc.umount2(b"/proc", 2):  # MNT_DETACH
            raise Refusal("/proc is not the seat's own, and cannot be unmounted")


def processes() -> dict[int, Facts]:
    found: dict[int, Facts] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                one = process(int(name))
            except (OSError, ValueError, KeyError):
                continue  # it ended while it was being read
            if one:
                found[one["pid"]] = one
    return found


def mine(procs: dict[int, Facts]) -> set[int]:
    """This program, its ancestors (sudo, the shell, sshd) and children: no part of what is looked at."""
    found: set[int] = set()
    pid = os.getpid()
    while pid > 1 and pid in procs:
        found.add(pid)
        pid = procs[pid]["ppid"]
    return found | {pid for pid, proc in procs.items() if proc["ppid"] == os.getpid()}


def foreign(proc: Facts, init: Facts) -> set[str]:
    """The types of which a process has another instance than pid 1; `unshare -p` without a fork counts as pid."""
    types = {kind.removesuffix("_for_children") for kind, number in proc["ns"].items()
             if number != init["ns"].get(kind.removesuffix("_for_children"))}  # fmt: skip
    return types | ({"root"} if proc["root_id"] != init["root_id"] else set())


def uts_names(procs: dict[int, Facts]) -> Facts:
    """Hostname and domain name of each uts namespace, read by entering it in a child of ours."""
    # the oldest process of each: young ones may be gone by now
    holders = {proc["ns"]["uts"]: pid for pid, proc in sorted(procs.items(), reverse=True) if "uts" in proc["ns"]}
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        names = {}
        for number, pid in holders.items():
            try:
                handle = os.open(f"/proc/{pid}/ns/uts", os.O_RDONLY)
                if libc.setns(handle, 0x04000000) == 0:  # CLONE_NEWUTS; os.setns is in Python 3.12 and newer only
                    domain = text("/proc/sys/kernel/domainname").strip()
                    names[number] = {"hostname": socket.gethostname(), "domainname": domain}
                os.close(handle)
            except OSError:
                continue
        os.write(writer, json.dumps(names).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    names = json.loads(answer or "{}")
    return dict(names)


# ---- mounts and files ---------------------------------------------------------------------------------------------


def mounts(pid: int | str = "self") -> list[Facts]:
    def plain(field: str) -> str:
        return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), field)

    found = []
    for line in text(f"/proc/{pid}/mountinfo").splitlines():
        left, right = line.split(" - ", 1)
        ids, place = left.split()[:2], left.split()[3:6]
        fstype, source, options = right.split(" ", 2)
        found.append({
            "id": int(ids[0]), "parent": int(ids[1]), "root": plain(place[0]), "target": plain(place[1]),
            "fstype": fstype, "source": plain(source), "options": f"{place[2]},{options}",
        })  # fmt: skip
    return found


def all_mounts(procs: dict[int, Facts]) -> dict[int, list[Facts]]:
    """One list for each mount namespace, read through a process that sees it from its top where there is one."""
    holders: dict[int, int] = {}
    for pid, proc in sorted(procs.items(), key=lambda item: (item[1]["root"] != "/", item[0])):
        holders.setdefault(proc["ns"].get("mnt", 0), pid)
    found = {}
    for number, pid in holders.items():
        try:
            found[number] = mounts(pid)
        except OSError:
            continue
    return found


KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "link", stat.S_IFIFO: "fifo",
         stat.S_IFSOCK: "socket", stat.S_IFCHR: "char", stat.S_IFBLK: "block"}  # fmt: skip


def walk(top: str, mounted: Container[str] = (), limit: int = LIMIT) -> tuple[dict[str, Facts], bool]:
    """Files under `top` by relative path, nearest first; mount points are named but not entered."""
    files: dict[str, Facts] = {}
    queue = [""]
    while queue:
        folder = queue.pop(0)
        try:
            entries = sorted(os.scandir(f"{top}/{folder}"), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if len(files) >= limit:
                return files, True
            path = f"{folder}/{entry.name}".lstrip("/")
            try:
                found = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            one = {
                "type": KINDS[stat.S_IFMT(found.st_mode)],
                "mode": stat.S_IMODE(found.st_mode),
                "size": found.st_size,
            }
            if one["type"] == "dir":
                one["id"] = [found.st_dev, found.st_ino]
                if path not in mounted:
                    queue.append(path)
            elif one["type"] == "link":
                one["target"] = link(entry.path)
            files[path] = one
    return files, False


def resolve(top: str, path: str, depth: int = 40) -> str | None:
    """Where `path` ends if `top` is the root directory: symbolic links are followed inside it. None: nowhere."""
    done: list[str] = []
    todo = [part for part in path.split("/") if part]
    while todo:
        part = todo.pop(0)
        if part in (".", ".."):
            done = done[:-1] if part == ".." else done
            continue
        target = link("/".join([top, *done, part]))
        if target is None:
            done.append(part)
        else:
            depth -= 1
            done = [] if target.startswith("/") else done
            todo = [piece for piece in target.split("/") if piece] + todo
        if depth < 0:
            return None
    return "/" + "/".join(done) if os.path.lexists("/".join([top, *done])) else None


def elf(path: str) -> Facts | None:
    """What elf(5) tells of one file: is it a program, its interpreter, the libraries it needs. None: no ELF file."""
    with open(path, "rb") as file:
        head = file.read(64)
        if head[:4] != b"\x7fELF" or len(head) < 64:
            return None
        bits, order = head[4] == 2, "<" if head[5] == 1 else ">"
        kind = struct.unpack_from(order + "H", head, 16)[0]
        table, size, count = struct.unpack_from(order + ("32xQ14xHH" if bits else "28xI10xHH"), head)
        file.seek(table)
        headers = file.read(size * count)
        loads: list[tuple[int, int, int]] = []
        dynamic, interpreter = b"", None
        for at in range(0, len(headers), size):
            if bits:
                tag, _, offset, address, _, length, _, _ = struct.unpack_from(order + "IIQQQQQQ", headers, at)
            else:
                tag, offset, address, _, length, _, _, _ = struct.unpack_from(order + "IIIIIIII", headers, at)
            if tag == 1:  # PT_LOAD
                loads.append((address, offset, length))
            elif tag in (2, 3):  # PT_DYNAMIC, PT_INTERP
                file.seek(offset)
                data = file.read(length)
                dynamic, interpreter = (data, interpreter) if tag == 2 else (dynamic, data.rstrip(b"\0").decode())
        entries = list(struct.iter_unpack(order + ("qQ" if bits else "iI"), dynamic))
        tags = dict(entries)
        start = next((tags[5] - a + o for a, o, n in loads if a <= tags.get(5, -1) < a + n), None)  # DT_STRTAB
        strings = b""
        if start is not None:
            file.seek(start)
            strings = file.read(tags.get(10, 0))  # DT_STRSZ

    def name(at: int) -> str:
        return strings[at : strings.index(b"\0", at)].decode("utf-8", "replace")

    return {
        # a program is ET_EXEC, says so itself (DF_1_PIE), or wants a loader and has no name as a library (DT_SONAME)
        "program": kind == 2 or bool(tags.get(0x6FFFFFFB, 0) & 0x08000000) or bool(interpreter and 14 not in tags),
        "interpreter": interpreter,
        "needed": [name(value) for tag, value in entries if tag == 1],
        "search": [part for tag, value in entries if tag in (15, 29) for part in name(value).split(":")],
    }


def programs(top: str, files: dict[str, Facts]) -> tuple[dict[str, Facts], list[str]]:
    """The ELF programs of a root, with the libraries that they need; and all its libraries."""
    binaries = {}
    for path, file in files.items():
        if file["type"] == "file" and file["size"] >= 64:
            try:
                found = elf(f"{top}/{path}")
            except (OSError, ValueError, KeyError, struct.error):
                continue
            if found:
                binaries[f"/{path}"] = found
    triplets = sorted({f"/{p.rsplit('/', 1)[0]}" for p in files if re.match(r"(usr/)?lib/[^/]+-linux-gnu[^/]*/", p)})
    standard = [*triplets, "/lib", "/usr/lib", "/lib64", "/usr/lib64", "/lib32", "/usr/lib32"]
    by_name = {path.rsplit("/", 1)[1]: path for path in binaries}  # for LD_LIBRARY_PATH and ld.so.conf: wherever it is

    def library(name: str, user: str) -> str | None:
        own = [part.replace("$ORIGIN", user.rsplit("/", 1)[0]) for part in binaries[user]["search"]]
        for folder in own + standard:
            if found := resolve(top, f"{folder}/{name}"):
                return found
        return by_name.get(name)

    found = {}
    for path, binary in binaries.items():
        if not binary["program"]:
            continue
        needs: list[str] = []
        missing: list[str] = []
        queue = [(name, path) for name in binary["needed"]]
        loader = resolve(top, binary["interpreter"]) if binary["interpreter"] else None
        if loader:
            needs.append(loader)
        elif binary["interpreter"]:
            missing.append(binary["interpreter"])
        while queue:
            name, user = queue.pop(0)
            place = library(name, user)
            if place is None:
                missing.append(name)
            elif place not in needs:
                needs.append(place)
                queue += [(more, place) for more in binaries.get(place, {"needed": []})["needed"]]
        found[path] = {"interpreter": binary["interpreter"], "needs": needs, "missing": sorted(set(missing))}
    return found, sorted(path for path, binary in binaries.items() if not binary["program"])


def root_directory(proc: Facts) -> Facts:
    top = f"/proc/{proc['pid']}/root"
    inside = [mount for mount in mounts(proc["pid"]) if mount["target"] != "/"]  # as this process sees them
    files, truncated = walk(top, {mount["target"].lstrip("/") for mount in inside})
    for path, file in files.items():
        if file["type"] == "link":
            file["target"] = resolve(top, path)
    found, libraries = programs(top, files)
    return {"path": proc["root"], "id": proc["root_id"], "mounts": inside, "files": files, "truncated": truncated,
            "programs": found, "libraries": libraries}  # fmt: skip


# ---- commands -----------------------------------------------------------------------------------------------------


def systemctl(*arguments: str) -> subprocess.Popen[str]:
    command = ["systemctl", "--no-pager", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def failed_units(asked: subprocess.Popen[str]) -> list[str]:
    return sorted(line.split()[0] for line in asked.communicate()[0].splitlines() if line.strip())


def state_folder(name: str) -> Path:
    if not re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", name):
        raise Refusal(f"{name!r} is not the name of an exercise (topic/slug)")
    return STATE / name.replace("/", "--")


def collect(wanted: Facts) -> Facts:
    asked = [systemctl("is-system-running"), systemctl("list-units", "--failed", "--plain", "--no-legend"),
             systemctl("show", "--property=ActiveState", "--value", "docker.socket", "docker.service")]  # fmt: skip
    procs = processes()
    init, us = procs[1], mine(procs)
    seat_mounts = {mount["target"] for mount in mounts()}
    folders: Facts = {}
    staged: Facts = {}
    baselines: Facts = {}
    roots: list[Facts] = []
    for name in wanted["exercises"]:
        top = f"{wanted['exercises_root']}/{name}"
        if (marker := state_folder(name) / "staged.json").exists():
            staged[name] = json.loads(marker.read_text())
        if (remembered := state_folder(name) / "baseline.json").exists():
            before = json.loads(remembered.read_text())
            baselines[name] = {key: before[key] for key in ("hostname", "interfaces")}
        if os.path.isdir(top):
            files, truncated = walk(top, {mount[len(top) + 1 :] for mount in seat_mounts if within(mount, top)})
            folders[name] = {"path": top, "files": files, "truncated": truncated}
    seen = {tuple(init["root_id"])}
    for proc in procs.values():
        # a container's image is the engine's affair, and large
        if proc["root_id"] and not proc["container"] and tuple(proc["root_id"]) not in seen:
            try:
                roots.append(root_directory(proc))
                seen.add(tuple(proc["root_id"]))
            except OSError:
                continue
    state, failed, docker = asked
    states = [*docker.communicate()[0].split(), "unknown", "unknown"]
    return {
        "evidence": 1,
        "kernel": os.uname().release,
        "hostname": socket.gethostname(),
        "systemd": {"state": state.communicate()[0].strip() or "unknown", "failed_units": failed_units(failed)},
        "docker": {"socket": states[0], "service": states[1]},
        "cgroup_version": 2 if os.path.exists("/sys/fs/cgroup/cgroup.controllers") else 1,
        "staged": staged,
        "baselines": baselines,
        "processes": [proc for pid, proc in procs.items() if pid not in us],
        "uts": uts_names(procs),
        "mounts": all_mounts(procs),
        "folders": folders,
        "roots": roots,
    }


def main(command: str = "", *arguments: str) -> int:
    commands = {name: globals().get(name) for name in ("collect", "baseline", "stage", "reset", "snapshot")}
    try:
        run = commands.get(command)
        if run is None:
            raise Refusal(f"unknown command {command!r}: one of {', '.join(commands)}")
        given = arguments if command == "baseline" else [json.loads(argument) for argument in arguments]
        see_through_proc(keep=command in ("collect", "snapshot"))
        answer, code = run(*given), 0
    except (Refusal, OSError, LookupError, TypeError, ValueError) as problem:
        kind = "" if isinstance(problem, Refusal) else f"{type(problem).__name__}: "
        answer, code = {"error": {"message": f"{kind}{problem}"}}, 1
    # file names may hold any bytes; what is printed is UTF-8 in any locale
    printed = json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogateescape")
    sys.stdout.buffer.write(printed.decode("utf-8", "replace").encode() + b"\n")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
