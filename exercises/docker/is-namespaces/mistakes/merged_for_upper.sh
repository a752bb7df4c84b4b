#!/usr/bin/env bash
# caught by: test_cgroup_and_upper_directory_are_the_containers
# The merged view of all layers instead of the one layer that the container writes to.
set -euo pipefail
docker rm --force "$SEED_NAME" >/dev/null 2>&1 || true
docker run --detach --name "$SEED_NAME" busybox:local sleep infinity >/dev/null
pid=$(docker inspect --format "{{.State.Pid}}" "$SEED_NAME")
{
  echo "pid: $pid"
  for type in mnt uts ipc net; do
    echo "$type: $(sudo readlink "/proc/$pid/ns/$type")"
  done
  echo "pid_namespace: $(sudo readlink "/proc/$pid/ns/pid")"
  echo "cgroup: $(head -1 "/proc/$pid/cgroup")"
  echo "upper: $(docker inspect --format '{{.GraphDriver.Data.MergedDir}}' "$SEED_NAME")"
} >answers.txt
setsid sudo nsenter --target "$pid" --mount --uts --ipc --net --pid sleep 86400 </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep 86400" >/dev/null
