#!/usr/bin/env bash
# One program does it all; the limit is on an outer group, and its processes live in a group inside that one.
set -euo pipefail

setsid sudo python3 -c '
import os, pathlib, signal, sys

top = pathlib.Path("/sys/fs/cgroup")
unified = (top / "cgroup.controllers").exists()
outer = top / ("outer" if unified else "memory/outer")
outer.mkdir()
(outer / ("memory.max" if unified else "memory.limit_in_bytes")).write_text(str(int(sys.argv[1]) * 2**20))
if unified and (outer / "memory.swap.max").exists():
    (outer / "memory.swap.max").write_text("0")
inner = outer / "inner"
inner.mkdir()
(inner / "cgroup.procs").write_text("0")  # 0 is whoever writes it
if os.fork() == 0:
    kept = []
    while True:
        kept.append(b"x" * 2**20)
os.wait()
pathlib.Path("killed").touch()
signal.pause()
' "$SEED_MIB" </dev/null >/dev/null 2>&1 &
wait_until test -e killed
