#!/usr/bin/env bash
# caught by: test_a_control_group_has_the_memory_limit
# Megabytes in place of mebibytes: a million bytes each, and not 1024 times 1024.
set -euo pipefail
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  group=/sys/fs/cgroup/small limit=memory.max
  echo +memory | sudo tee /sys/fs/cgroup/cgroup.subtree_control >/dev/null
else
  group=/sys/fs/cgroup/memory/small limit=memory.limit_in_bytes
fi
sudo mkdir -p "$group"
echo "$((SEED_MIB * 1000 * 1000))" | sudo tee "$group/$limit" >/dev/null
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo sh -c 'echo $$ >"$1/cgroup.procs" && exec sleep infinity' sh "$group" </dev/null >/dev/null 2>&1 &
wait_until grep . "$group/cgroup.procs"
# shellcheck disable=SC2016 # the inner shell expands it
sudo sh -c 'echo $$ >"$1/cgroup.procs" && exec timeout 20 tail /dev/zero' sh "$group" || true
