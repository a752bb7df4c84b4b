#!/usr/bin/env bash
# caught by: test_a_process_lives_under_both_limits
# The limits stand and were reached, but everybody has left.
# shellcheck disable=SC2016 # the inner shells expand what is in single quotes
set -euo pipefail
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  echo "+cpu +pids" | sudo tee /sys/fs/cgroup/cgroup.subtree_control >/dev/null
  cpu=/sys/fs/cgroup/slow pids=/sys/fs/cgroup/slow quota=cpu.max
else
  cpu=/sys/fs/cgroup/cpu/slow pids=/sys/fs/cgroup/pids/slow quota=cpu.cfs_quota_us
fi
sudo mkdir -p "$cpu" "$pids"
in_group() {
  sudo sh -c 'echo $$ >"$1/cgroup.procs" && echo $$ >"$2/cgroup.procs" && shift 2 && exec "$@"' sh "$cpu" "$pids" "$@"
}
echo "$((SEED_PERCENT * 1000))" | sudo tee "$cpu/$quota" >/dev/null
echo "$SEED_PIDS" | sudo tee "$pids/pids.max" >/dev/null
in_group timeout 1 sh -c 'while :; do :; done' || true
in_group sh -c 'for _ in $(seq 30); do sleep 0.2 & done' 2>/dev/null || true
wait_until sh -c "! grep . $pids/cgroup.procs"
