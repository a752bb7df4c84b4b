#!/usr/bin/env bash
# Docker starts it and tells one number; everything else stands in /proc under that number.
set -euo pipefail
name=$SEED_NAME

docker rm --force "$name" >/dev/null 2>&1 || true
docker run --detach --name "$name" busybox:local sleep infinity >/dev/null
pid=$(docker inspect --format '{{.State.Pid}}' "$name")

# The links in /proc/PID/ns say type:[inode]
inode() { sudo readlink "/proc/$pid/ns/$1" | tr --delete --complement 0-9; }
{
  echo "pid: $pid"
  for type in mnt uts ipc net; do
    echo "$type: $(inode "$type")"
  done
  echo "pid_namespace: $(inode pid)"
  echo "cgroup: $(head -1 "/proc/$pid/cgroup" | cut -d: -f3)"
  echo "upper: $(docker inspect --format '{{.GraphDriver.Data.UpperDir}}' "$name")"
} >answers.txt

# The program is found in the container's own files, since the mount namespace is entered too.
setsid sudo nsenter --target "$pid" --mount --uts --ipc --net --pid \
  sleep 86400 </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep 86400" >/dev/null
