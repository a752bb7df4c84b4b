#!/usr/bin/env bash
# caught by: test_a_control_group_has_the_cpu_limit
# A weight is a share among those who want the CPU at the same time, not a limit.
# shellcheck disable=SC2016 # the inner shells expand what is in single quotes
set -euo pipefail
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  echo "+cpu +pids" | sudo tee /sys/fs/cgroup/cgroup.subtree_control >/dev/null
  cpu=/sys/fs/cgroup/slow pids=/sys/fs/cgroup/slow
else
  cpu=/sys/fs/cgroup/cpu/slow pids=/sys/fs/cgroup/pids/slow
fi
sudo mkdir -p "$cpu" "$pids"
in_group() {
  sudo sh -c 'echo $$ >"$1/cgroup.procs" && echo $$ >"$2/cgroup.procs" && shift 2 && exec "$@"' sh "$cpu" "$pids" "$@"
}
[ -e "$cpu/cpu.weight" ] && weight=cpu.weight || weight=cpu.shares
echo "$SEED_PERCENT" | sudo tee "$cpu/$weight" >/dev/null
echo "$SEED_PIDS" | sudo tee "$pids/pids.max" >/dev/null
in_group setsid sleep infinity </dev/null >/dev/null 2>&1 &
wait_until grep . "$pids/cgroup.procs"
in_group sh -c 'for _ in $(seq 30); do sleep 0.2 & done' 2>/dev/null || true
