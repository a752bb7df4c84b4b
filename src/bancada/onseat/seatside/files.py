"""Mounts, folders, and root directories with what their programs need."""

import os
import re
import stat
import struct
from collections.abc import Container

from bancada.onseat.seatside.base import LIMIT, Facts, link, text


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
