"""What runs on a seat, as root, in one SSH round trip: collects evidence, and brings an exercise back to pristine.

    ssh seat sudo -n python3 - COMMAND [ARGUMENT…] < seatside.py        (stdlib only, Python 3.11 or newer)

collect JSON    {"exercises_root": …, "exercises": […]}: the kernel's evidence, read by bancada.evidence.model
baseline NAME…  remember what the seat was like before the first staging of these exercises
reset JSON      {"name": …, "folder": …, "claims": […], "other_folders": […]}: end what the exercise left behind
snapshot [JSON] everything that must be equal before staging and after reset, without pids and times

Each prints one JSON document; a refusal is {"error": {"message": …}} and exit code 1.

Reset ends a process if it was not there at the baseline and (a) its cwd, root, exe or PWD lies in the exercise's
folder, or (b) it has a namespace (or, claimed as "root", a root directory) of a claimed type that is not the seat's
own and does not lie in another exercise's folder by (a). With it go its descendants, and the sudo, unshare… that hold
it. Spared are services that came with the system, containers of Docker, sshd and, so that nobody is thrown out of
the seat, the shell that is the direct child of sshd, login, tmux or screen: even where it stands in the folder, but
not where it has itself gone to a claimed namespace.
"""

import ctypes
import json
import os
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path

STATE = Path("/var/lib/bancada/exercises")
EXERCISES = "/home/student/exercises"
LIMIT = 3000  # entries of one folder or root
DEADLINE = 5.0  # seconds that a killed process may take to go
KERNEL_THREAD = 0x00200000  # PF_KTHREAD in the flags of /proc/PID/stat
CONTAINER = re.compile(r"/(docker|cri-containerd)[-/][0-9a-f]{64}")
WRAPPERS = {"sudo", "unshare", "nsenter", "chroot", "setsid", "nohup", "timeout", "env", "strace", "script"}
LOGINS = {"sshd", "sshd-session", "login", "tmux: server", "screen"}
SHELLS = {"bash", "sh", "dash", "zsh", "fish", "rbash"}
UNITS = ("/usr/lib/systemd/system", "/lib/systemd/system")  # units that came with a package
libc = ctypes.CDLL(None, use_errno=True)


class Refusal(Exception):
    """What is said in one sentence instead of a traceback."""


def text(path):
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "replace")


def link(path):
    try:
        return os.readlink(path)
    except OSError:
        return None


def identity(path):
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_dev, found.st_ino]


def within(path, folder):
    return bool(path) and (path + "/").startswith(folder.rstrip("/") + "/")


# ---- processes and namespaces -------------------------------------------------------------------------------------


def inode(target):
    return int(target.split("[")[1][:-1]) if target and "[" in target else None


def namespaces(folder):
    found = {name: inode(link(f"{folder}/{name}")) for name in os.listdir(folder)}
    return {name: number for name, number in found.items() if number is not None}


def service_of(cgroups):
    """The system service that a process belongs to: of the user's own manager it is none."""
    path = cgroups.get("name=systemd") or cgroups.get("", "")
    found = re.search(r"/system\.slice/(?:[^/]+\.slice/)*([^/]+\.service)", path)
    return found[1] if found else None


def process(pid):
    """One process, or None for kernel threads and zombies. OSError where it vanishes while it is read."""
    base = f"/proc/{pid}"
    comm, rest = text(f"{base}/stat").split("(", 1)[1].rsplit(")", 1)
    fields = rest.split()
    if int(fields[6]) & KERNEL_THREAD or fields[0] in "ZX":
        return None
    status = dict(line.split(":", 1) for line in text(f"{base}/status").splitlines())
    cgroups = {}
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


def processes():
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                one = process(int(name))
            except (OSError, ValueError, KeyError):
                continue  # it ended while it was being read
            if one:
                found[one["pid"]] = one
    return found


def mine(procs):
    """This program and its ancestors (sudo, the shell, sshd): no part of what is looked at."""
    found, pid = set(), os.getpid()
    while pid > 1 and pid in procs:
        found.add(pid)
        pid = procs[pid]["ppid"]
    return found


def foreign(proc, init):
    """The types of which a process has another instance than pid 1; `unshare -p` without a fork counts as pid."""
    types = {kind.removesuffix("_for_children") for kind, number in proc["ns"].items()
             if number != init["ns"].get(kind.removesuffix("_for_children"))}  # fmt: skip
    return types | ({"root"} if proc["root_id"] != init["root_id"] else set())


def uts_names(procs):
    """Hostname and domain name of each uts namespace, read by entering it in a child of ours."""
    holders = {proc["ns"]["uts"]: pid for pid, proc in procs.items() if "uts" in proc["ns"]}
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
    return json.loads(answer or "{}")


# ---- mounts and files ---------------------------------------------------------------------------------------------


def mounts(pid="self"):
    def plain(field):
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


def all_mounts(procs):
    """One list for each mount namespace, read through a process that sees it from its top where there is one."""
    holders = {}
    for pid, proc in sorted(procs.items(), key=lambda item: (item[1]["root"] != "/", item[0])):
        holders.setdefault(proc["ns"].get("mnt"), pid)
    found = {}
    for number, pid in holders.items():
        try:
            found[number] = mounts(pid)
        except OSError:
            continue
    return found


KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "link", stat.S_IFIFO: "fifo",
         stat.S_IFSOCK: "socket", stat.S_IFCHR: "char", stat.S_IFBLK: "block"}  # fmt: skip


def walk(top, mounted=(), limit=LIMIT):
    """Files under `top` by relative path, nearest first; mount points are named but not entered."""
    files, queue = {}, [""]
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


def resolve(top, path, depth=40):
    """Where `path` ends if `top` is the root directory: symbolic links are followed inside it. None: nowhere."""
    done, todo = [], [part for part in path.split("/") if part]
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


def elf(path):
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
        loads, dynamic, interpreter = [], b"", None
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

    def name(at):
        return strings[at : strings.index(b"\0", at)].decode("utf-8", "replace")

    return {
        # a program is ET_EXEC, says so itself (DF_1_PIE), or wants a loader and has no name as a library (DT_SONAME)
        "program": kind == 2 or bool(tags.get(0x6FFFFFFB, 0) & 0x08000000) or bool(interpreter and 14 not in tags),
        "interpreter": interpreter,
        "needed": [name(value) for tag, value in entries if tag == 1],
        "search": [part for tag, value in entries if tag in (15, 29) for part in name(value).split(":")],
    }


def programs(top, files):
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

    def library(name, user):
        own = [part.replace("$ORIGIN", user.rsplit("/", 1)[0]) for part in binaries[user]["search"]]
        for folder in own + standard:
            if found := resolve(top, f"{folder}/{name}"):
                return found
        return by_name.get(name)

    found = {}
    for path, binary in binaries.items():
        if not binary["program"]:
            continue
        needs, missing, queue = [], [], [(name, path) for name in binary["needed"]]
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


def root_of(proc):
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


def systemctl(*arguments):
    command = ["systemctl", "--no-pager", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def failed_units(asked):
    return sorted(line.split()[0] for line in asked.communicate()[0].splitlines() if line.strip())


def state_folder(name):
    if not re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", name):
        raise Refusal(f"{name!r} is not the name of an exercise (topic/slug)")
    return STATE / name.replace("/", "--")


def collect(wanted):
    asked = [systemctl("is-system-running"), systemctl("list-units", "--failed", "--plain", "--no-legend"),
             systemctl("show", "--property=ActiveState", "--value", "docker.socket", "docker.service")]  # fmt: skip
    procs = processes()
    init, us = procs[1], mine(procs)
    seat_mounts = {mount["target"] for mount in mounts()}
    folders, staged, roots = {}, {}, []
    for name in wanted["exercises"]:
        top = f"{wanted['exercises_root']}/{name}"
        if (marker := state_folder(name) / "staged.json").exists():
            staged[name] = json.loads(marker.read_text())
        if os.path.isdir(top):
            files, truncated = walk(top, {mount[len(top) + 1 :] for mount in seat_mounts if within(mount, top)})
            folders[name] = {"path": top, "files": files, "truncated": truncated}
    seen = {tuple(init["root_id"])}
    for proc in procs.values():
        # a container's image is the engine's affair, and large
        if proc["root_id"] and not proc["container"] and tuple(proc["root_id"]) not in seen:
            try:
                roots.append(root_of(proc))
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
        "processes": [proc for pid, proc in procs.items() if pid not in us],
        "uts": uts_names(procs),
        "mounts": all_mounts(procs),
        "folders": folders,
        "roots": roots,
    }


def cgroup_folders():
    """Control groups that somebody made by hand: what systemd makes bears the name of a unit."""
    found = []
    for top in {mount["target"] for mount in mounts() if mount["fstype"] in ("cgroup", "cgroup2")}:
        for folder, names, _ in os.walk(top):
            names[:] = [name for name in names if not re.search(r"\.(service|scope|slice|mount|socket|swap)$", name)]
            found += [f"{folder}/{name}" for name in names]
    return sorted(found)


def boot():
    return text("/proc/sys/kernel/random/boot_id").strip()


def write(path, document):
    """All or nothing: whoever is killed half-way leaves no half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(document))
    draft.replace(path)


def baseline(*names):
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
            write(path, document)
    return {"changed": bool(paths)}


def spared(proc, procs, before, init):
    """Services of the system, and the one shell that keeps a person logged in."""
    service, parent = proc["service"], procs.get(proc["ppid"])
    if service and (service in before["services"] or any(
        os.path.exists(f"{folder}/{re.sub('@.*[.]', '@.', service)}") for folder in UNITS
    )):  # fmt: skip
        return True
    login = bool(parent) and parent["comm"] in LOGINS and os.path.basename(proc["exe"] or "") in SHELLS
    return proc["pid"] == 1 or proc["comm"] in LOGINS or (login and proc["root_id"] == init["root_id"])


def belonging(procs, request, before):
    """The processes that reset ends; the rules are at the top of this file."""
    init, us, claims = procs[1], mine(procs), set(request["claims"])

    def lies_in(proc, folder):
        return any(within(proc[place], folder) for place in ("cwd", "root", "exe", "pwd"))

    chosen, kept = set(), us | {1}
    for pid, proc in procs.items():
        then = before["processes"].get(f"{pid} {proc['start']}")
        gained = foreign(proc, init) & claims - set(then or [])
        service = bool(proc["service"]) and spared(proc, procs, before, init)
        if pid in kept or service or proc["container"]:
            kept.add(pid)
        elif not gained and (then is not None or spared(proc, procs, before, init)):
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


def kill(request, before):
    """End all that belongs, again and again until nothing new appears; returns what was ended."""
    ended, services, end = {}, set(), time.monotonic() + DEADLINE
    while targets := belonging(processes(), request, before):
        for proc in targets:
            if time.monotonic() > end:
                raise Refusal(f"process {proc['pid']} ({proc['comm']}) does not end, {DEADLINE:.0f} s after SIGKILL")
            try:
                handle = os.pidfd_open(proc["pid"])
                if process(proc["pid"])["start"] == proc["start"]:  # not somebody who got the number since
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                os.close(handle)
            except (OSError, TypeError, ValueError, KeyError):
                continue  # it was quicker
            ended[proc["pid"], proc["start"]] = f"{proc['comm']} ({proc['pid']})"
            if proc["service"] and proc["service"] not in services:  # else systemd starts it anew, or keeps it failed
                services.add(proc["service"])
                for verb in ("stop", "reset-failed"):
                    systemctl(verb, proc["service"]).communicate()
        time.sleep(0.01)
    return list(ended.values())


def unmount(request, before):
    """Deepest first, whatever lies under the folder, and the files that hold a namespace of a claimed type."""
    gone = []
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


def restore_hostname(before):
    changed = None
    if socket.gethostname() != before["hostname"]:
        socket.sethostname(before["hostname"])
        changed = before["hostname"]
    etc = Path("/etc/hostname")
    if before["etc_hostname"] is not None and (not etc.exists() or text(etc) != before["etc_hostname"]):
        etc.write_text(before["etc_hostname"])
        changed = before["hostname"]
    return changed


def remove(request, before):
    folder, gone = Path(request["folder"]), []
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
    for path in (folder, state_folder(request["name"])):
        if path.is_symlink():
            path.unlink()
        elif path.exists():
            shutil.rmtree(path)
        else:
            continue
        gone.append(str(path))
    for empty in (folder.parent, folder.parent.parent, STATE):
        if empty.is_dir() and not os.listdir(empty):
            empty.rmdir()
    return gone


def reset(request):
    folder = Path(request["folder"])
    if not folder.is_absolute() or not str(folder).endswith("/" + request["name"]) or ".." in folder.parts:
        raise Refusal(f"{folder} is not the folder of {request['name']}")
    if folder.parent.is_symlink() or folder.parent.parent.is_symlink():
        raise Refusal(f"{folder.parent} was replaced by a symbolic link; nothing is removed through it")
    path = state_folder(request["name"]) / "baseline.json"
    before = {"boot": "", "processes": {}, "mounts": [], "services": [], "cgroups": cgroup_folders(),
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


def snapshot(request=None):
    root = (request or {}).get("exercises_root", EXERCISES)
    procs = processes()
    init, us = procs[1], mine(procs)
    before = {"services": []}
    lines = {}
    for pid, proc in procs.items():
        if pid in us or spared(proc, procs, before, init) or proc["comm"] in ("(sd-pam)", "systemd"):
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
            path: text(path) for path in ("/etc/hostname", "/etc/hosts") if os.path.exists(path)}},
        "files": files,
        "ipc": {kind: len(text(f"/proc/sysvipc/{kind}").splitlines()) - 1 for kind in ("shm", "sem", "msg")},
        "mqueues": dict.fromkeys(os.listdir("/dev/mqueue") if os.path.isdir("/dev/mqueue") else [], ""),
        "failed_units": dict.fromkeys(failed_units(failed), ""),
    }  # fmt: skip


def main(command, *arguments):
    given = arguments if command == "baseline" else [json.loads(argument) for argument in arguments]
    commands = {"collect": collect, "baseline": baseline, "reset": reset, "snapshot": snapshot}
    try:
        if command not in commands:
            raise Refusal(f"unknown command {command!r}: one of {', '.join(commands)}")
        answer, code = commands[command](*given), 0
    except (Refusal, OSError, LookupError, TypeError, ValueError) as problem:
        kind = "" if isinstance(problem, Refusal) else f"{type(problem).__name__}: "
        answer, code = {"error": {"message": f"{kind}{problem}"}}, 1
    # file names may hold any bytes; what is printed is UTF-8 in any locale
    printed = json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogateescape")
    sys.stdout.buffer.write(printed.decode("utf-8", "replace").encode() + b"\n")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
