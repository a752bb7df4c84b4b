#!/usr/bin/env bash
# First into the group, then into the namespace: what is the group at that moment becomes the root.
set -euo pipefail

tree=/sys/fs/cgroup
[ -e "$tree/cgroup.controllers" ] || tree=$tree/pids # version 1: one tree for each controller
sudo mkdir -p "$tree/$SEED_NAME"

# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo sh -c 'echo $$ >"$1/cgroup.procs" && exec unshare --cgroup sleep infinity' \
  sh "$tree/$SEED_NAME" </dev/null >/dev/null 2>&1 &

in_place() {
  for pid in $(pgrep --exact sleep); do
    grep --quiet --line-regexp "$pid" "$tree/$SEED_NAME/cgroup.procs" &&
      [ "$(sudo readlink "/proc/$pid/ns/cgroup")" != "$(sudo readlink /proc/1/ns/cgroup)" ] && return
  done
  return 1
}
wait_until in_place
