#!/usr/bin/env bash
# Docker's container; its files once more in a directory; unshare and chroot; and then a look at both in /proc.
set -euo pipefail
name=$SEED_NAME

docker rm --force "$name" >/dev/null 2>&1 || true
docker run --detach --name "$name" --security-opt "$SEED_OPTION" busybox:local sleep infinity >/dev/null
docked=$(docker inspect --format '{{.State.Pid}}' "$name")

mkdir -p root
docker export "$name" | tar --extract --directory root
if ! pgrep --full --exact "sleep 86400" >/dev/null; then
  setsid sudo unshare --pid --fork --mount --uts --ipc --net \
    chroot root /bin/sh -c 'mount -t proc proc /proc && exec sleep 86400' </dev/null >/dev/null 2>&1 &
fi
wait_until pgrep --full --exact "sleep 86400" >/dev/null
hand=$(pgrep --full --exact "sleep 86400")

field() { sudo awk -v name="$2:" '$1 == name { print $2 }' "/proc/$1/status"; }
cable() { sudo nsenter --target "$1" --net ip -brief -4 address | grep -c -v '^lo' || true; }
masks() { sudo awk '$5 ~ "^/proc/"' "/proc/$1/mountinfo" | wc -l; }
user() { sudo readlink "/proc/$1/ns/user"; }
tell() { if [ "$2" = "$3" ]; then echo "$1: no"; else echo "$1: yes"; fi; }
{
  for line in "seccomp Seccomp" "no_new_privs NoNewPrivs" "capabilities CapBnd"; do
    read -r key name <<<"$line"
    tell "$key" "$(field "$docked" "$name")" "$(field "$hand" "$name")"
  done
  tell cgroup "$(cat "/proc/$docked/cgroup")" "$(cat "/proc/$hand/cgroup")"
  tell network "$(cable "$docked")" "$(cable "$hand")"
  tell masked "$(masks "$docked")" "$(masks "$hand")"
  tell user_namespace "$(user "$docked")" "$(user "$hand")"
} >answers.txt
