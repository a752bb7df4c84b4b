#!/usr/bin/env bash
# caught by: test_the_pid_is_the_one_that_the_seat_sees
# Pid 1, as ps shows it in the container.
set -euo pipefail
docker rm --force "$SEED_NAME" >/dev/null 2>&1 || true
docker run --detach --name "$SEED_NAME" busybox:local sleep infinity >/dev/null
pid=$(docker inspect --format "{{.State.Pid}}" "$SEED_NAME")
{
  echo "pid: 1"
  for type in mnt uts ipc net; do
    echo "$type: $(sudo readlink "/proc/$pid/ns/$type")"
  done
  echo "pid_namespace: $(sudo readlink "/proc/$pid/ns/pid")"
  echo "cgroup: $(head -1 "/proc/$pid/cgroup")"
  echo "upper: $(docker inspect --format '{{.GraphDriver.Data.UpperDir}}' "$SEED_NAME")"
} >answers.txt
setsid sudo nsenter --target "$pid" --mount --uts --ipc --net --pid sleep 86400 </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep 86400" >/dev/null
