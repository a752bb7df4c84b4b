#!/usr/bin/env bash
# caught by: test_a_process_lives_within_the_limit
# A shell went into the group and ended there; what was started after it begins where its own parent is.
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
sudo sh -c 'echo $$ >"$1/cgroup.procs" && exec timeout 20 tail /dev/zero' sh "$group" || true
# shellcheck disable=SC2016 # the inner shell expands it
sudo sh -c 'echo $$ >"$1/cgroup.procs"' sh "$group"
setsid sleep infinity </dev/null >/dev/null 2>&1 &
