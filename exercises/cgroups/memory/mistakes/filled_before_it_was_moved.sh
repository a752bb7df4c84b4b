#!/usr/bin/env bash
# caught by: test_the_kernel_has_killed_who_went_beyond_it
# Memory stays charged to where it was first used: the process had all of it before it came into the group.
set -euo pipefail
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  group=/sys/fs/cgroup/small limit=memory.max
  echo +memory | sudo tee /sys/fs/cgroup/cgroup.subtree_control >/dev/null
else
  group=/sys/fs/cgroup/memory/small limit=memory.limit_in_bytes
fi
sudo mkdir -p "$group"
echo "${SEED_MIB}M" | sudo tee "$group/$limit" >/dev/null
setsid python3 -c '
import pathlib, signal, sys
kept = b"x" * (2 * int(sys.argv[1]) * 2**20)
pathlib.Path("full").touch()
signal.pause()
' "$SEED_MIB" </dev/null >/dev/null 2>&1 &
wait_until test -e full
echo $! | sudo tee "$group/cgroup.procs" >/dev/null
