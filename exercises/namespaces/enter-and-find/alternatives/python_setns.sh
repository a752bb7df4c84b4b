#!/usr/bin/env bash
# One program does both: it compares what stat(2) says of the links, and joins two types by one call of setns(2).
set -euo pipefail
rm -f ready

# shellcheck disable=SC2153 # SEED_TYPE is not SEED_TYPES
setsid sudo --preserve-env python3 -c '
import ctypes, os, pathlib, signal
seed = {key[5:].lower(): value for key, value in os.environ.items() if key.startswith("SEED_")}
pids = {link.read_text().strip(): link.parent for link in pathlib.Path("/proc").glob("[0-9]*/comm")}
inode = lambda name: (pids[name] / "ns" / seed["type"]).stat().st_ino
others = [seed[key] for key in ("second", "third", "target")]
pathlib.Path("answer.txt").write_text("\n".join(name for name in others if inode(name) == inode(seed["name"])))

flags = {"net": 0x40000000, "uts": 0x04000000, "ipc": 0x08000000}
handle = os.pidfd_open(int(pids[seed["target"]].name))
libc = ctypes.CDLL(None, use_errno=True)
if libc.setns(handle, sum(flags[kind] for kind in seed["join"].split())):
    raise OSError(ctypes.get_errno(), "setns")
pathlib.Path("ready").touch()
signal.pause()
' </dev/null >/dev/null 2>&1 &

wait_until test -e ready
