"""Virtual machines on the seat, seen from outside: what QEMU's process and the memory of its guest tell."""

import os
import re
import stat
from array import array
from collections.abc import Iterator

from bancada.onseat.seatside.base import Facts, text
from bancada.onseat.seatside.processes import is_emulator

BANNER = re.compile(rb"Linux version (\S+) \([ -~]+\) #\d+ [ -~]+")
"""As the kernel writes it, once it has unpacked itself; in its compressed file it is in pieces."""
PANIC = re.compile(rb"Kernel panic - not syncing: (?!%s)([ -~]{4,100})")
UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
LEAST = 32 << 20  # bytes of a mapping that can be a guest's memory
MOST = 1 << 30  # bytes of a guest's memory that are looked at
CHUNK = 16 << 20
OVERLAP = 512  # bytes, so that nothing is missed that lies across two chunks
CONSOLE = 1 << 20  # bytes of a console log that are read


def guests(procs: dict[int, Facts], logs: list[str]) -> list[Facts]:
    """Each running QEMU with its options, its kernel's version (None: none came up), and what it used.

    `boot_ids` are those of the guest's kernel among the ones that the logs name: such a log was written in the guest.
    """
    wanted = sorted({one for log in logs for one in UUID.findall(log)})[:50]
    found = []
    for pid in sorted(procs):
        proc = procs[pid]
        if not is_emulator(proc):
            continue
        try:
            found.append({"pid": pid, **memory(pid), **looked_at(pid, wanted), **options(proc)})
        except (OSError, LookupError, ValueError):
            continue  # it ended meanwhile
    return found


def memory(pid: int) -> Facts:
    """Bytes of the seat's memory that QEMU uses: in all (rss), and its share of what it has in common with others."""
    said = dict(re.findall(r"(?m)^(Rss|Pss): +(\d+) kB", text(f"/proc/{pid}/smaps_rollup")))
    return {"rss": int(said["Rss"]) << 10, "pss": int(said["Pss"]) << 10}


def options(proc: Facts) -> Facts:
    """Bytes of what QEMU was given: `memory` (-m), the files `kernel` and `initrd`; None where that is not known."""
    said: Facts = {}
    for word, value in zip(proc["cmdline"], proc["cmdline"][1:], strict=False):
        name = word.removeprefix("-").removeprefix("-")
        if name == "m" and (size := re.fullmatch(r"(?:size=)?(\d+)([MG]?)\b.*", value)):
            said["memory"] = int(size[1]) << (30 if size[2] == "G" else 20)
        if name in ("kernel", "initrd") and word.startswith("-"):
            # Where it stood when it began: with -daemonize it goes to / afterwards.
            places = [os.path.join(place or "/", value) for place in (proc["cwd"], proc["pwd"])]
            path = next((one for one in places if os.path.isfile(one)), None)
            said[name] = os.path.getsize(path) if path else None
    return {"memory": None, "kernel": None, "initrd": None, **said}


def looked_at(pid: int, wanted: list[str]) -> Facts:
    """What the guest's memory says of the kernel in it."""
    ids = {one: bytes.fromhex(one.replace("-", "")) for one in wanted}
    version, panic, boot_ids = None, None, set()
    for data in guest_memory(pid):
        boot_ids |= {one for one, raw in ids.items() if raw in data}
        version = version or first(BANNER, b"Linux version ", data)
        panic = panic or first(PANIC, b"Kernel panic - not syncing: ", data)
    return {"version": version, "panic": panic, "boot_ids": sorted(boot_ids)}


def first(pattern: re.Pattern[bytes], beginning: bytes, data: bytes) -> str | None:
    """Group 1 of the first match. By its fixed beginning, which bytes.find finds far quicker than re does."""
    at = data.find(beginning)
    while at >= 0:
        if match := pattern.match(data, at):
            return match[1].decode("ascii").removesuffix("]---").strip()
        at = data.find(beginning, at + 1)
    return None


def guest_memory(pid: int) -> Iterator[bytes]:
    """The pages of QEMU's large mappings that have been used: its guest's memory is one of these."""
    page, looked = os.sysconf("SC_PAGE_SIZE"), 0
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as mem, open(f"/proc/{pid}/pagemap", "rb") as pagemap:
        for line in text(f"/proc/{pid}/maps").splitlines():
            where, permissions = line.split()[:2]
            start, end = (int(one, 16) for one in where.split("-"))
            if permissions[:3] != "rw-" or end - start < LEAST:
                continue
            pagemap.seek(start // page * 8)
            entries = array("Q", pagemap.read((end - start) // page * 8))
            for first_page, last in runs([entry >> 62 != 0 for entry in entries]):  # bits 62 and 63: swapped, present
                for at in range(first_page * page, last * page, CHUNK):
                    data = read_at(mem.fileno(), start + at, min(CHUNK + OVERLAP, last * page - at))
                    looked += len(data)
                    yield data
                    if looked > MOST:
                        return


def runs(flags: list[bool]) -> Iterator[tuple[int, int]]:
    """The stretches that are true, each from its first index to the one after its last."""
    begun = None
    for index, flag in enumerate([*flags, False]):
        if flag and begun is None:
            begun = index
        elif not flag and begun is not None:
            yield begun, index
            begun = None


def read_at(descriptor: int, offset: int, size: int) -> bytes:
    try:
        return os.pread(descriptor, size, offset)
    except OSError:  # unmapped meanwhile
        return b""


def console(path: str) -> str | None:
    """What a console log says; None where there is none. A link is not followed: it could lead anywhere."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, "rb") as file:
            return file.read(CONSOLE).decode("utf-8", "replace").replace("\r", "")
    except OSError:
        return None
