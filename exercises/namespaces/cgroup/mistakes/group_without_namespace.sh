#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_cgroup_namespace_of_its_own
# The process is in the group, but nobody made a namespace: it sees its whole path, as everybody does.
set -euo pipefail
tree=/sys/fs/cgroup
[ -e "$tree/cgroup.controllers" ] || tree=$tree/pids
sudo mkdir -p "$tree/$SEED_NAME"
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo sh -c 'echo $$ >"$1/cgroup.procs" && exec sleep infinity' sh "$tree/$SEED_NAME" </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
