"""Ansible module: use each feature of the running kernel once, and say which ones work.

Every attempt runs in a forked child, so what it unshares, mounts or creates ends with it; only the child cgroup
outlives its process, and is removed by hand. Nothing on the seat changes, hence check mode is a real run.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import platform
import signal
import socket
import struct
import subprocess
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

DOCUMENTATION = """
module: kernel_probe
short_description: Use each feature of the running kernel once
description: Changes nothing, needs root, and reports only what it tried.
options:
  features:
    description: The features to try.
    type: list
    elements: str
    required: true
"""

# clone(2); time is unshare(2) only.
FLAGS = {
    "mnt": 0x00020000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "pid": 0x20000000,
    "net": 0x40000000,
    "user": 0x10000000,
    "cgroup": 0x02000000,
    "time": 0x00000080,
}
CONFIG = {kind: f"CONFIG_{kind.upper()}_NS" for kind in FLAGS}
CONFIG |= {"mnt": "CONFIG_NAMESPACES", "cgroup": "CONFIG_CGROUPS"}  # these two are not built apart
CONFIG |= {"memory": "CONFIG_MEMCG", "cpu": "CONFIG_CFS_BANDWIDTH", "pids": "CONFIG_CGROUP_PIDS"}
MS_REC, MS_PRIVATE, PR_SET_DUMPABLE = 0x4000, 1 << 18, 4
NOBODY = 65534
ENOUGH = 10000  # namespaces of a type for one user; kernels with 1 GiB of memory allow about 3900, large ones far more
SECONDS = 10  # the longest that one attempt may take
LIMITS = {
    ("memory", 1): ("memory.limit_in_bytes", "33554432"),
    ("memory", 2): ("memory.max", "33554432"),
    ("cpu", 1): ("cpu.cfs_quota_us", "50000"),
    ("cpu", 2): ("cpu.max", "50000 100000"),
    ("pids", 1): ("pids.max", "8"),
    ("pids", 2): ("pids.max", "8"),
}
CHILD = "bancada-probe"
CGROUPS = Path("/sys/fs/cgroup")
UNIT = "unit:bancada-cgroups.service"

libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: int | bytes | None) -> None:
    """Call libc's *name*. Raises OSError, named after the call, when the kernel refuses."""
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def require(fact: bool, otherwise: str) -> None:
    if not fact:
        raise OSError(errno.EPROTO, otherwise)


def attempt(act: Callable[[], None]) -> tuple[int, str]:
    """Run *act* in a forked child: (0, "") when it worked, otherwise its errno and what the kernel said.

    Raises RuntimeError when the probe itself is wrong, which must never pass for a missing feature.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS)
        outcome: tuple[int, str] = (0, "")
        try:
            act()
        except OSError as error:
            # Our own messages name the call; Python's name the file.
            said = error.strerror or str(error)
            outcome = (error.errno or errno.EIO, f"{error.filename}: {said}" if error.filename else said)
        except BaseException:
            outcome = (-1, traceback.format_exc()[-2000:])
        os.write(writer, json.dumps(outcome).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if not answer:
        return errno.EINTR, f"the attempt was killed by signal {os.WTERMSIG(status)}"
    number, said = json.loads(answer)
    if number == -1:
        raise RuntimeError(said)
    return number, said


# --- using each feature once -----------------------------------------------------------------------------------------


def namespace(kind: str) -> Path:
    return Path("/proc/self/ns", kind).readlink()


def use_namespace(kind: str) -> None:
    before = namespace(kind)
    call("unshare", FLAGS[kind])

    def other_inside() -> None:
        require(namespace(kind) != before, f"unshare gave no new {kind} namespace")

    # pid and time namespaces hold only the children of the process that unshared, so always look from a child.
    number, said = attempt(other_inside)
    if number:
        raise OSError(number, said)


def use_unprivileged_userns() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        # Changing the uid made /proc/self root's; a process that started as nobody owns its own.
        call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)
    user = os.geteuid()
    call("unshare", FLAGS["user"])
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    require(os.geteuid() == 0, "the user is not root in its own user namespace")
    # Ubuntu's AppArmor lets the namespace be made, then withholds the capabilities in it.
    call("unshare", FLAGS["uts"])
    socket.sethostname("bancada-probe")


def use_overlayfs() -> None:
    call("unshare", FLAGS["mnt"])
    call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
    # On a tmpfs of its own: the upper layer cannot be on an overlay, which is what a container lives on.
    call("mount", b"tmpfs", b"/tmp", b"tmpfs", 0, None)
    base = Path("/tmp")
    for name in ("lower", "upper", "work", "merged"):
        (base / name).mkdir()
    (base / "lower/below").write_text("below")
    options = b"lowerdir=/tmp/lower,upperdir=/tmp/upper,workdir=/tmp/work"
    call("mount", b"overlay", b"/tmp/merged", b"overlay", 0, options)
    require((base / "merged/below").read_text() == "below", "the overlay does not show its lower layer")
    (base / "merged/above").write_text("above")
    require((base / "upper/above").read_text() == "above", "what is written on the overlay is not in its upper layer")


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute of rtnetlink(7), padded to 4 bytes."""
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def use_link(kind: str, name: str, peer: str = "") -> None:
    """Make a network interface by rtnetlink(7) in a network namespace of its own: the seat may have no ip(8) yet."""
    call("unshare", FLAGS["net"])
    data = attribute(2, attribute(1, bytes(16) + attribute(3, peer.encode()))) if peer else b""  # INFO_DATA, PEER
    info = attribute(18, attribute(1, kind.encode()) + data)  # IFLA_LINKINFO, INFO_KIND
    body = bytes(16) + attribute(3, name.encode()) + info  # ifinfomsg, IFLA_IFNAME
    flags = 0x1 | 0x4 | 0x200 | 0x400  # REQUEST, ACK, EXCL, CREATE
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.send(struct.pack("=IHHII", 16 + len(body), 16, flags, 1, 0) + body)  # RTM_NEWLINK
        number = -struct.unpack_from("=i", netlink.recv(4096), 16)[0]
    if number:
        raise OSError(number, f"new {kind} interface: {os.strerror(number)}")
    there = {interface for _, interface in socket.if_nameindex()}
    require(there >= {name, peer} - {""}, f"the new {kind} interface is not there")


def hierarchy(controller: str) -> tuple[int, Path] | None:
    """The cgroup version and mount point where systemd and Docker look for *controller*, if it is there.

    That is version 1, or version 2 at the top: a controller beside version 1, in `unified`, serves neither of them.
    """
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, right = line.split(" - ", 1)
        point, (kind, *_, options) = Path(left.split()[4]), right.split()
        if kind == "cgroup" and controller in options.split(","):
            return 1, point
        if kind == "cgroup2" and point == CGROUPS and controller in (point / "cgroup.controllers").read_text().split():
            return 2, point
    return None


@contextlib.contextmanager
def child_cgroup(top: Path, version: int, controller: str) -> Iterator[Path]:
    """A child cgroup with *controller* on. Both are taken back, also the child that a killed run left."""
    switch = top / "cgroup.subtree_control"
    turn_on = version == 2 and controller not in switch.read_text().split()
    if turn_on:
        switch.write_text(f"+{controller}")
    child = top / CHILD
    try:
        child.mkdir(exist_ok=True)
        yield child
    finally:
        if child.exists():
            child.rmdir()
        if turn_on:
            switch.write_text(f"-{controller}")


def use_cgroup(controller: str) -> None:
    place = hierarchy(controller)
    if not place:
        raise OSError(errno.ENODEV, f"no mounted cgroup hierarchy has the controller {controller}")
    version, top = place
    name, value = LIMITS[controller, version]

    def enter(child: Path) -> None:
        (child / "cgroup.procs").write_text("0")
        mine = Path("/proc/self/cgroup").read_text().splitlines()
        require(any(line.endswith(f"/{CHILD}") for line in mine), "the process did not enter the child cgroup")

    with child_cgroup(top, version, controller) as child:
        (child / name).stat()  # writing would ask cgroupfs to create it, and be told "permission denied"
        (child / name).write_text(value)
        require((child / name).read_text().strip() == value, f"{name} does not keep the limit")
        number, said = attempt(partial(enter, child))
    if number:
        raise OSError(number, said)


# --- what would mend a refusal ---------------------------------------------------------------------------------------


def sysctl(name: str) -> int | None:
    path = Path("/proc/sys", *name.split("."))
    return int(path.read_text()) if path.exists() else None


def refused(number: int, kinds: list[str]) -> list[str]:
    """The mends for a call refused with errno *number* that had to make namespaces of *kinds*."""
    if number == errno.ENOSPC:
        limits = [f"user.max_{kind}_namespaces" for kind in kinds]
        return [f"sysctl:{name}={ENOUGH}" for name in limits if (sysctl(name) or 0) < ENOUGH]
    if number in (errno.EPERM, errno.EACCES):
        return ["capability:CAP_SYS_ADMIN and CAP_NET_ADMIN" if "net" in kinds else "capability:CAP_SYS_ADMIN"]
    return []


def mend_namespace(kind: str, number: int) -> list[str]:
    if number in (errno.ENOENT, errno.EINVAL, errno.ENOSYS):
        return [f"config:{CONFIG[kind]}"]
    return refused(number, [kind])


def mend_unprivileged_userns(number: int) -> list[str]:
    # Each setting alone is enough to refuse, so all that stand in the way are named at once.
    wanted = {"kernel.unprivileged_userns_clone": 1, "kernel.apparmor_restrict_unprivileged_userns": 0}
    mends = [f"sysctl:{name}={value}" for name, value in wanted.items() if sysctl(name) not in (None, value)]
    if number == errno.ENOSPC or sysctl("user.max_user_namespaces") == 0:
        mends += refused(errno.ENOSPC, ["user", "uts"])
    return mends or ([f"config:{CONFIG['user']}"] if number in (errno.EINVAL, errno.ENOSYS) else [])


def forbidding(module: str, root: Path = Path("/")) -> str:
    """The line of modprobe.d(5) that keeps *module* out, and its file; empty where there is none."""
    for folder in ("etc", "run", "usr/local/lib", "usr/lib", "lib"):
        for file in sorted((root / folder / "modprobe.d").glob("*.conf")):
            for line in file.read_text(errors="replace").splitlines():
                words = line.split()
                if words[:1] in (["blacklist"], ["install"]) and words[1:2] == [module]:
                    return f"`{' '.join(words)}` out of {file}"
    return ""


def mend_module(module: str, missing: int, namespace: str, number: int) -> list[str]:
    if number != missing:
        return refused(number, [namespace])
    # systemd loads no module at boot that is on such a list. In a container the lists are not those of its kernel.
    line = forbidding(module) if container() == "none" else ""
    return [f"forbidden:{line}"] if line else [f"module:{module}"]


def mend_command_line(controller: str, command_line: str) -> str:
    """The mend for a *controller* that the kernel has, but was told to leave out."""
    for word in command_line.split():
        name, _, value = word.partition("=")
        # Nothing that is added undoes this word (seen on Linux 6.12): it has to go.
        if name == "cgroup_disable" and controller in value.split(","):
            return f"no_parameter:{word}"
    return f"parameter:cgroup_enable={controller}"


def asks_for_version_1(command_line: str) -> list[str]:
    """The words of a kernel's command line by which systemd mounts control groups of version 1."""
    name = "systemd.unified_cgroup_hierarchy"
    return [word for word in command_line.split() if word.lower() in {f"{name}={no}" for no in ("0", "no", "false")}]


def mend_cgroup(controller: str, number: int) -> list[str]:
    place = hierarchy(controller)
    if number == errno.EROFS and place and place[0] == 1:
        return [UNIT]
    if number == errno.ENODEV:
        table = Path("/proc/cgroups")
        rows = [line.split() for line in table.read_text().splitlines()] if table.exists() else []
        if [controller, "0"] in [[row[0], row[-1]] for row in rows]:
            return [mend_command_line(controller, Path("/proc/cmdline").read_text())]
        if controller not in [row[0] for row in rows]:
            return [f"config:{CONFIG[controller]}"]
        # Debian 13's kernel has the controller memory on version 2 only (CONFIG_MEMCG_V1 is off).
        words = asks_for_version_1(Path("/proc/cmdline").read_text())
        if words and not place:
            return [f"no_parameter:{word}" for word in words]
    if number == errno.ENOENT and controller == "cpu":
        return [f"config:{CONFIG[controller]}"]  # the controller is there, its file for the quota is not
    return [f"delegation:{controller}"]


Feature = tuple[str, Callable[[], None], Callable[[int], list[str]]]
FEATURES: dict[str, Feature] = {
    kind: (f"/proc/self/ns/{kind}, and unshare(2) as root", partial(use_namespace, kind), partial(mend_namespace, kind))
    for kind in FLAGS
}
FEATURES |= {
    "unprivileged_userns": (
        "user namespace made by an unprivileged user, root mapped, a hostname set in it",
        use_unprivileged_userns,
        mend_unprivileged_userns,
    ),
    "overlayfs": (
        "overlay mounted on two directories of a tmpfs, read and written",
        use_overlayfs,
        partial(mend_module, "overlay", errno.ENODEV, "mnt"),
    ),
    "veth": (
        "veth pair made in a network namespace of its own",
        partial(use_link, "veth", "probe0", "probe1"),
        partial(mend_module, "veth", errno.EOPNOTSUPP, "net"),
    ),
    "bridge": (
        "bridge made in a network namespace of its own",
        partial(use_link, "bridge", "probe0"),
        partial(mend_module, "bridge", errno.EOPNOTSUPP, "net"),
    ),
}
FEATURES |= {
    f"cgroup_{controller}": (
        f"child cgroup made with a limit of {controller}, entered and removed",
        partial(use_cgroup, controller),
        partial(mend_cgroup, controller),
    )
    for controller in ("memory", "cpu", "pids")
}


def probe(features: list[str]) -> dict[str, dict[str, Any]]:
    """Try each of *features*: name -> usable, what was tried, the reason when not usable, and what would mend it."""
    results = {}
    for name in features:
        tried, use, mend = FEATURES[name]
        number, reason = attempt(use)
        mends = mend(number) if number else []
        results[name] = {"usable": number == 0, "tried": tried, "reason": reason, "mend": mends}
    return results


def container() -> str:
    """The kind of container that the seat is, "none", or "unknown" where nothing can tell."""
    try:
        answer = subprocess.run(["systemd-detect-virt", "--container"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return answer.stdout.strip() or "unknown"


def main() -> None:
    from ansible.module_utils.basic import AnsibleModule  # here, so that the probe can be read without Ansible

    options = {"features": {"type": "list", "elements": "str", "required": True, "choices": list(FEATURES)}}
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    if os.geteuid() != 0:
        module.fail_json(msg="The kernel's features can be tried by root only: run this role with become: true.")
    release = platform.release()
    results = probe(module.params["features"])
    module.exit_json(changed=False, release=release, container=container(), features=results)


if __name__ == "__main__":
    main()
