"""What lies inside namespaces of the seat, read by entering them in a child of ours."""

import contextlib
import ctypes
import errno
import json
import math
import os
import re
import select
import signal
import socket
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from bancada.onseat.seatside.base import Facts, Refusal, libc, patient, run, text

FLAGS = {"mnt": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000, "user": 0x10000000,
         "pid": 0x20000000, "net": 0x40000000, "time": 0x80}  # fmt: skip  # CLONE_NEW*: clone(2)
LATE: Facts = {"error": "there was no answer in time", "late": True}


def start(work: Callable[[], Any]) -> tuple[int, int]:
    """Start `work` in a child process: its pid, and where its answer will be read."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        os.setsid()
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: it ends with us, who alone can hear it
        try:
            try:
                answer = json.dumps(work(), allow_nan=False)  # which is no JSON, and would spoil all of it
            except BaseException as problem:
                answer = json.dumps({"error": f"{type(problem).__name__}: {problem}"})
            with os.fdopen(writer, "w", encoding="utf-8", errors="replace") as pipe:
                pipe.write(answer)
        finally:
            os._exit(0)  # whatever happened: this is a child, and must end here
    os.close(writer)
    return child, reader


def finish(child: int, reader: int, end: float) -> Any:
    """A child's answer; {"error": …} where it raised, with "late" where it had given none by `end` (time.monotonic)."""
    said, late = b"", False
    while select.select([reader], [], [], max(0.0, end - time.monotonic()))[0]:
        if not (piece := os.read(reader, 1 << 16)):
            break
        said += piece
    else:
        late = True
    os.close(reader)
    with contextlib.suppress(OSError):
        os.killpg(child, signal.SIGKILL)  # and whom it started
    os.kill(child, signal.SIGKILL)  # also where it has not come to be the first of its group
    os.waitpid(child, 0)
    if late:
        return LATE
    try:
        return json.loads(said)
    except ValueError:
        return {"error": "it ended without an answer"}


def side_by_side(
    works: Mapping[Any, Callable[[], Any]], seconds: float, most: int = 0, total: float = 0
) -> dict[Any, Any]:
    """What each work returns, in children of ours: `most` at once, all where it is 0. See finish.

    Each has its `seconds`, counted from its own start; those that are not done after `total` of them, if given, are
    late as well.
    """
    waiting = list(works.items())
    running: dict[Any, tuple[int, int, float]] = {}
    answers = {}
    last = time.monotonic() + total if total else math.inf
    while waiting or running:
        while waiting and not (most and len(running) >= most):
            key, work = waiting.pop(0)
            if time.monotonic() >= last:
                answers[key] = LATE
                continue
            running[key] = (*start(work), min(last, time.monotonic() + patient(seconds)))
        if not running:
            break
        first = min(end for _, _, end in running.values())
        readers = [reader for _, reader, _ in running.values()]
        heard = select.select(readers, [], [], max(0.0, first - time.monotonic()))[0]
        for key, (child, reader, end) in list(running.items()):
            if reader in heard or time.monotonic() >= end:
                answers[key] = finish(child, reader, end)
                del running[key]
    return answers


def apart(work: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What `work` returns in a child process, as JSON. See finish."""
    return finish(*start(work), time.monotonic() + patient(seconds))


def enter(handles: dict[str, str], work: Callable[[], Any]) -> Any:
    """Go into these namespaces, for good, and do `work` there: {type: path of its file}."""
    opened = {kind: os.open(path, os.O_RDONLY) for kind, path in handles.items()}
    for kind in sorted(opened, key=lambda kind: kind == "mnt"):  # the mount namespace last: it takes our tools away
        if libc.setns(opened[kind], FLAGS[kind]):  # os.setns is in Python 3.12 and newer only
            raise OSError(f"setns refused {handles[kind]}")
    # only children are in a pid namespace that was entered: pid_namespaces(7)
    return apart(work) if "pid" in handles else work()


def inside(handles: dict[str, str], work: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What `work` returns in these namespaces, in a child of ours. See finish."""
    return apart(lambda: enter(handles, work), seconds)


def holders(kind: str, procs: dict[int, Facts], kept: list[Facts]) -> dict[int, str]:
    """For each namespace of this type a file to enter it by; through its oldest process, as young ones may be gone."""
    found = {one["inode"]: one["path"] for one in kept if one["type"] == kind}
    for pid, proc in sorted(procs.items(), reverse=True):
        if kind in proc["ns"]:
            found[proc["ns"][kind]] = f"/proc/{pid}/ns/{kind}"
    return found


def kept_namespaces(mounts: list[Facts]) -> list[Facts]:
    """Namespaces that a bind mount keeps, whether or not a process is in them: namespaces(7)."""
    found = []
    for mount in mounts:
        if mount["fstype"] == "nsfs" and (match := re.fullmatch(r"(\w+):\[(\d+)\]", mount["root"])):
            found.append({"type": match[1], "inode": int(match[2]), "path": mount["target"]})
    return found


def each(kind: str, paths: dict[int, str], work: Callable[[], Any]) -> dict[int, Any]:
    """What `work` returns in each of these namespaces; those that cannot be entered are left out.

    Raises Refusal where one is late: left out, it would be taken for one that its student made badly.
    """
    works = {number: partial(enter, {kind: path}, work) for number, path in paths.items()}
    return {number: one for number, one in side_by_side(works, 10).items() if "error" not in in_time(one)}


def in_time(answer: Any) -> Any:
    """The same answer; raises Refusal where it did not come in time."""
    if answer == LATE:
        raise Refusal("the seat is busy and was not done with looking in time: ask again")
    return answer


# ---- by type


def uts() -> Facts:
    return {"hostname": socket.gethostname(), "domainname": text("/proc/sys/kernel/domainname").strip()}


def ipc() -> Facts:
    """System V objects with all columns of /proc/sysvipc; POSIX message queues by name, with their bytes."""
    found: Facts = {}
    for kind in ("msg", "shm", "sem"):
        head, *lines = [line.split() for line in text(f"/proc/sysvipc/{kind}").splitlines()]
        found[kind] = [dict(zip(head, map(int, line), strict=True)) for line in lines]
    libc.unshare(FLAGS["mnt"])
    libc.mount(b"none", b"/", None, 0x44000, None)  # MS_REC | MS_PRIVATE
    found["queues"] = {}
    # EBUSY: what is mounted there shows this very namespace already, and nothing is mounted on itself
    if not libc.mount(b"mqueue", b"/dev/mqueue", b"mqueue", 0, None) or ctypes.get_errno() == errno.EBUSY:
        for name in os.listdir("/dev/mqueue"):
            size = re.search(r"QSIZE:(\d+)", text(f"/dev/mqueue/{name}"))
            found["queues"][name] = int(size[1]) if size else 0
    return found


def _cgroup_files(pids: list[int]) -> dict[int, str]:
    return {pid: text(f"/proc/{pid}/cgroup") for pid in pids}


def cgroup_views(procs: dict[int, Facts]) -> dict[int, dict[str, str]]:
    """By pid, how processes in another cgroup namespace than ours see their own cgroups: cgroup_namespaces(7)."""
    found: dict[int, dict[str, str]] = {}
    own = procs[1]["ns"].get("cgroup")
    for number, path in holders("cgroup", procs, []).items():
        pids = [pid for pid, proc in procs.items() if proc["ns"].get("cgroup") == number != own]
        views = in_time(inside({"cgroup": path}, partial(_cgroup_files, pids), 5))
        for pid in pids:
            lines = [line.split(":", 2) for line in views.get(str(pid), "").splitlines()]
            found[pid] = {name: path for _, names, path in lines for name in names.split(",")}
    return found


def time_offsets(procs: dict[int, Facts]) -> dict[int, dict[str, float]]:
    """Seconds by which the clocks of each time namespace but the first one are shifted: time_namespaces(7)."""
    found = {}
    for pid, proc in procs.items():
        number = proc["ns"].get("time")
        if number and number != procs[1]["ns"].get("time") and number not in found:
            try:
                lines = [line.split() for line in text(f"/proc/{pid}/timens_offsets").splitlines()]
            except OSError:
                continue
            found[number] = {clock: int(seconds) + int(rest) / 1e9 for clock, seconds, rest in lines}
    return found


def network() -> Facts:
    """Interfaces, routes and listening sockets, as `ip` and /proc/net tell them."""
    links = json.loads(run("ip", "-json", "-details", "-statistics", "address")["out"] or "[]")
    routes = [json.loads(run("ip", "-json", family, "route")["out"] or "[]") for family in ("-4", "-6")]
    return {"interfaces": [interface(link) for link in links if link], "routes": routes[0] + routes[1],
            "listeners": listeners()}  # fmt: skip


def interface(link: Facts) -> Facts:
    counts = link.get("stats64", {})
    return {
        "name": link["ifname"], "index": link["ifindex"], "peer_index": link.get("link_index"),
        "kind": link.get("linkinfo", {}).get("info_kind") or link.get("link_type", ""),
        "up": "UP" in link["flags"], "carrier": "LOWER_UP" in link["flags"], "master": link.get("master"),
        "mac": link.get("address"),
        "addresses": [f"{one['local']}/{one['prefixlen']}" for one in link["addr_info"] if "local" in one],
        "received": counts.get("rx", {}).get("packets", 0), "sent": counts.get("tx", {}).get("packets", 0),
    }  # fmt: skip


def listeners() -> list[Facts]:
    found = []
    for protocol, listening in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        for line in text(f"/proc/self/net/{protocol}").splitlines()[1:]:
            fields = line.split()
            if fields[3] == listening:
                address, port = fields[1].split(":")
                packed = b"".join(bytes.fromhex(address[i : i + 8])[::-1] for i in range(0, len(address), 8))
                family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
                found.append({"protocol": protocol[:3], "address": socket.inet_ntop(family, packed),
                              "port": int(port, 16), "socket": int(fields[9])})  # fmt: skip
    return found


def networks(procs: dict[int, Facts], kept: list[Facts]) -> dict[int, Facts]:
    found = each("net", holders("net", procs, kept), network)
    owners: dict[int, int] = {}
    for pid in procs:
        try:
            for handle in os.scandir(f"/proc/{pid}/fd"):
                if (target := os.readlink(handle.path)).startswith("socket:["):
                    owners.setdefault(int(target[8:-1]), pid)
        except OSError:
            continue
    for one in found.values():
        for listener in one["listeners"]:
            listener["pid"] = owners.get(listener.pop("socket"))
    return found
