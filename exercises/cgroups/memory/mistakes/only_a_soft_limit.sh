#!/usr/bin/env bash
# caught by: test_a_control_group_has_the_memory_limit
# A soft limit, which slows down or reclaims, but never says no.
set -euo pipefail
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  group=/sys/fs/cgroup/small limit=memory.high
  echo +memory | sudo tee /sys/fs/cgroup/cgroup.subtree_control >/dev/null
else
  group=/sys/fs/cgroup/memory/small limit=memory.soft_limit_in_bytes
fi
sudo mkdir -p "$group"
echo "${SEED_MIB}M" | sudo tee "$group/$limit" >/dev/null
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo sh -c 'echo $$ >"$1/cgroup.procs" && exec sleep infinity' sh "$group" </dev/null >/dev/null 2>&1 &
wait_until grep . "$group/cgroup.procs"
