#!/usr/bin/env bash
# Both limits, a process that stays under them, one that wants more CPU and one that forks too often.
# shellcheck disable=SC2016 # the inner shells expand what is in single quotes
set -euo pipefail

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then # version 2: one group with both
  echo '+cpu +pids' | sudo tee /sys/fs/cgroup/cgroup.subtree_control >/dev/null
  cpu=/sys/fs/cgroup/slow pids=/sys/fs/cgroup/slow
  sudo mkdir -p "$cpu"
  echo "$((SEED_PERCENT * 1000)) 100000" | sudo tee "$cpu/cpu.max" >/dev/null
else # version 1: two trees, and a group of this name in each
  cpu=/sys/fs/cgroup/cpu/slow pids=/sys/fs/cgroup/pids/slow
  sudo mkdir -p "$cpu" "$pids"
  echo 100000 | sudo tee "$cpu/cpu.cfs_period_us" >/dev/null
  echo "$((SEED_PERCENT * 1000))" | sudo tee "$cpu/cpu.cfs_quota_us" >/dev/null
fi
echo "$SEED_PIDS" | sudo tee "$pids/pids.max" >/dev/null

# A shell goes into both and becomes what is asked for.
in_group() {
  sudo sh -c 'echo $$ >"$1/cgroup.procs" && echo $$ >"$2/cgroup.procs" && shift 2 && exec "$@"' sh "$cpu" "$pids" "$@"
}

if ! grep --quiet . "$pids/cgroup.procs"; then
  in_group setsid sleep infinity </dev/null >/dev/null 2>&1 &
  wait_until grep . "$pids/cgroup.procs"
fi

# Work until it was more than its share of the CPU, which takes a busy computer a while; and more sleeps than may be.
in_group timeout "$PATIENCE" sh -c 'until grep -q "^nr_throttled [1-9]" "$0"; do :; done' "$cpu/cpu.stat" || true
in_group sh -c 'for _ in $(seq 30); do sleep 0.2 & done' 2>/dev/null || true

grep --quiet '^nr_throttled [1-9]' "$cpu/cpu.stat"
grep --quiet '^max [1-9]' "$pids/pids.events"
