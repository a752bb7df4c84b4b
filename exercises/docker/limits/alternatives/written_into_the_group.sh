#!/usr/bin/env bash
# Docker makes the container, and the limits are written into its control group by hand, where Docker would write them.
set -euo pipefail
docker rm --force "$SEED_NAME" >/dev/null 2>&1 || true
id=$(docker run --detach --name "$SEED_NAME" busybox:local sleep infinity)
write() { # VALUE FILE…: the first of these files that is there in a directory of the container's
  local value=$1 file found
  shift
  for file in "$@"; do
    found=$(find /sys/fs/cgroup -path "*docker*$id*/$file" -print -quit 2>/dev/null)
    if [ -n "$found" ]; then
      echo "$value" | sudo tee "$found" >/dev/null
      return
    fi
  done
  return 1
}
write $((SEED_MIB * 1024 * 1024)) memory.max memory.limit_in_bytes
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  write $((SEED_MIB * 1024 * 1024)) memory.swap.max || true # without swap on the seat there is no such file
  write "$((SEED_PERCENT * 1000)) 100000" cpu.max
else
  write $((SEED_PERCENT * 1000)) cpu.cfs_quota_us
fi
write "$SEED_PROCESSES" pids.max
docker exec "$SEED_NAME" dd if=/dev/zero of=/dev/null bs=400M count=1 || [ $? -eq 137 ]
