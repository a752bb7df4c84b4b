#!/usr/bin/env bash
# A group, its limit, one process that stays in it, and one that wants more memory than there is.
set -euo pipefail

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then # version 2: one hierarchy, in which controllers are switched on
  group=/sys/fs/cgroup/small
  echo +memory | sudo tee /sys/fs/cgroup/cgroup.subtree_control >/dev/null
  limit=memory.max counters=memory.events
else # version 1: a hierarchy for memory alone
  group=/sys/fs/cgroup/memory/small
  limit=memory.limit_in_bytes counters=memory.oom_control
fi
sudo mkdir -p "$group"
echo "${SEED_MIB}M" | sudo tee "$group/$limit" >/dev/null

# Where there is swap, the kernel would first push memory out to it. This closes the way, in either version.
if [ -e "$group/memory.swap.max" ]; then
  echo 0 | sudo tee "$group/memory.swap.max" >/dev/null
elif [ -e "$group/memory.memsw.limit_in_bytes" ]; then
  echo "${SEED_MIB}M" | sudo tee "$group/memory.memsw.limit_in_bytes" >/dev/null
fi

# The shell goes into the group first, and what it becomes is in it from the beginning.
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo sh -c 'echo $$ >"$1/cgroup.procs" && exec sleep infinity' sh "$group" </dev/null >/dev/null 2>&1 &
wait_until grep --quiet . "$group/cgroup.procs"

# tail looks for the last lines, and /dev/zero never ends the first one.
# shellcheck disable=SC2016 # the inner shell expands it
sudo sh -c 'echo $$ >"$1/cgroup.procs" && exec timeout 20 tail /dev/zero' sh "$group" || true
grep --quiet '^oom_kill [1-9]' "$group/$counters"
