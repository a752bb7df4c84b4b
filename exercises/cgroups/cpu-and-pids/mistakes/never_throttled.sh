#!/usr/bin/env bash
# caught by: test_the_kernel_has_throttled_the_group
# A quota for somebody who only sleeps: it was never used up. What took any work was done before there was a quota.
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
echo "$SEED_PIDS" | sudo tee "$pids/pids.max" >/dev/null
in_group setsid sleep infinity </dev/null >/dev/null 2>&1 &
wait_until grep . "$pids/cgroup.procs"
in_group sh -c 'for _ in $(seq 30); do sleep 0.2 & done; wait' 2>/dev/null || true
only_one_is_left() { [ "$(wc -l <"$pids/cgroup.procs")" -eq 1 ]; }
wait_until only_one_is_left
echo "$((SEED_PERCENT * 1000))" | sudo tee "$cpu/$quota" >/dev/null
