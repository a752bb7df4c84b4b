#!/usr/bin/env bash
# One program does it all, with a group for each limit: side by side in version 1, one inside the other in version 2.
set -euo pipefail

setsid sudo python3 -c '
import os, pathlib, signal, sys, time

percent, number = int(sys.argv[1]), int(sys.argv[2])
top = pathlib.Path("/sys/fs/cgroup")
if (top / "cgroup.controllers").exists():
    (top / "cgroup.subtree_control").write_text("+cpu +pids")
    cpu, pids = top / "share", top / "share/crowd"
    cpu.mkdir()
    (cpu / "cgroup.subtree_control").write_text("+pids")
    pids.mkdir()
    (cpu / "cpu.max").write_text(f"{percent * 500} 50000")
else:
    cpu, pids = top / "cpu/share", top / "pids/crowd"
    cpu.mkdir()
    pids.mkdir()
    (cpu / "cpu.cfs_period_us").write_text("50000")
    (cpu / "cpu.cfs_quota_us").write_text(str(percent * 500))
    (cpu / "cgroup.procs").write_text("0")
(pids / "pids.max").write_text(str(number))
(pids / "cgroup.procs").write_text("0")  # 0 is whoever writes it

def throttled():
    words = (cpu / "cpu.stat").read_text().split()
    return int(words[words.index("nr_throttled") + 1])

end = time.monotonic() + 5
while not throttled() and time.monotonic() < end:
    sum(range(100000))
children = []
try:
    for _ in range(number + 1):
        child = os.fork()
        if child == 0:
            signal.pause()
        children.append(child)
except BlockingIOError:
    pathlib.Path("refused").touch()
for child in children:
    os.kill(child, signal.SIGKILL)
    os.wait()
signal.pause()
' "$SEED_PERCENT" "$SEED_PIDS" </dev/null >/dev/null 2>&1 &
wait_until test -e refused
