#!/usr/bin/env bash
# caught by: test_the_kernel_has_killed_who_went_beyond_it
# The limit stands and somebody lives in the group, but sleep needs next to nothing.
set -euo pipefail
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  group=/sys/fs/cgroup/small limit=memory.max
  echo +memory | sudo tee /sys/fs/cgroup/cgroup.subtree_control >/dev/null
else
  group=/sys/fs/cgroup/memory/small limit=memory.limit_in_bytes
fi
sudo mkdir -p "$group"
echo "${SEED_MIB}M" | sudo tee "$group/$limit" >/dev/null
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo sh -c 'echo $$ >"$1/cgroup.procs" && exec sleep infinity' sh "$group" </dev/null >/dev/null 2>&1 &
wait_until grep . "$group/cgroup.procs"
