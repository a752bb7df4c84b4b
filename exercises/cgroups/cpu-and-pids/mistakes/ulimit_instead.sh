#!/usr/bin/env bash
# caught by: test_a_control_group_has_the_pids_limit
# ulimit -u counts all processes of a user, and is a limit of the process that was given it.
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
in_group timeout 1 sh -c 'while :; do :; done' || true
in_group bash -c 'ulimit -u "$1" && exec setsid sleep infinity' bash "$SEED_PIDS" </dev/null >/dev/null 2>&1 &
wait_until grep . "$pids/cgroup.procs"
