"""Which processes belong to an exercise that is reset.

Reset ends a process if it was not there at the baseline and (a) its cwd, root, exe or PWD lies in the exercise's
folder, or it does not lie in another exercise's folder by (a), and (b) it has a namespace (or, claimed as "root", a
root directory) of a claimed type that is not the seat's own, or (c) it lives in a control group made by hand where
"cgroup" is claimed, or (d) its name, the first word of its command line, is one of the exercise's seed values: so a
service made by systemd-run(1), which stands in no folder, is found; or (e) it is QEMU, where "vm" is claimed. With it
go its descendants, and the sudo, unshare… that hold it. Spared are services that came with the system, containers of
Docker, sshd and, so that nobody is thrown out of the seat, the shell that is the direct child of sshd, login, tmux or
screen: even where it stands in the folder, but not where it has itself gone to a claimed namespace or to another root.
"""

import os

from bancada.onseat.seatside.base import Facts, within
from bancada.onseat.seatside.cgroups import is_in_one_made_by_hand
from bancada.onseat.seatside.processes import foreign, is_emulator, mine

WRAPPERS = {"sudo", "unshare", "nsenter", "chroot", "setsid", "nohup", "timeout", "env", "strace", "script"}
LOGINS = {"sshd", "sshd-session", "login", "tmux: server", "screen"}
SHELLS = {"bash", "sh", "dash", "zsh", "fish", "rbash"}


def words(variant: Facts) -> list[str]:
    """The words of a variant by which an exercise's things are known."""
    return [value for value in variant.values() if isinstance(value, str) and len(value) > 4]


def spared(proc: Facts, procs: dict[int, Facts], before: Facts) -> bool:
    """Services of the system, and the one shell that keeps a person logged in."""
    unit, parent = proc["unit"], procs.get(proc["ppid"])
    if unit:
        return unit == proc["service"] or unit in before["services"]
    if parent and parent["comm"] in LOGINS and os.path.basename(proc["exe"] or "") in SHELLS:
        return bool(proc["root_id"] == procs[1]["root_id"])
    return proc["comm"] in LOGINS


def belonging(procs: dict[int, Facts], request: Facts, before: Facts) -> list[Facts]:
    """The processes that reset ends; the rules are at the top of this file."""
    init, us, claims = procs[1], mine(procs), set(request["claims"])
    names = set(words(request.get("variant", {})))

    def lies_in(proc: Facts, folder: str) -> bool:
        return any(within(proc[place], folder) for place in ("cwd", "root", "exe", "pwd"))

    chosen: set[int] = set()
    kept = us | {1}
    for pid, proc in procs.items():
        then = before["processes"].get(f"{pid} {proc['start']}")
        gained = foreign(proc, init) & claims - set(then or [])
        safe = spared(proc, procs, before)
        if "cgroup" in claims and not safe and then is None and is_in_one_made_by_hand(proc, init):
            gained.add("cgroup")  # a login shell that put itself there is only moved out, see pristine.remove
        if "vm" in claims and then is None and is_emulator(proc):
            gained.add("vm")
        if pid in kept or proc["container"] or (safe and proc["unit"]) or (not gained and (safe or then is not None)):
            kept.add(pid)
        elif lies_in(proc, request["folder"]):
            chosen.add(pid)
        elif any(lies_in(proc, other) for other in request["other_folders"]):
            kept.add(pid)
        elif gained or os.path.basename(proc["cmdline"][0]) in names:
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
