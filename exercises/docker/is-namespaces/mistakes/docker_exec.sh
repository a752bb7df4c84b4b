#!/usr/bin/env bash
# caught by: test_a_process_of_yours_has_joined_by_hand
# docker exec enters too, but it also puts the process into the container's control group.
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
  echo "upper: $(docker inspect --format '{{.GraphDriver.Data.UpperDir}}' "$SEED_NAME")"
} >answers.txt
docker exec --detach "$SEED_NAME" sleep 86400
wait_until pgrep --full --exact "sleep 86400" >/dev/null
