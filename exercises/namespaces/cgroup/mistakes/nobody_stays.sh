#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_cgroup_namespace_of_its_own
# All is right while the command runs; afterwards there is a group with nobody in it.
set -euo pipefail
tree=/sys/fs/cgroup
[ -e "$tree/cgroup.controllers" ] || tree=$tree/pids
sudo mkdir -p "$tree/$SEED_NAME"
# shellcheck disable=SC2016 # the inner shell expands it
sudo sh -c 'echo $$ >"$1/cgroup.procs" && exec unshare --cgroup cat /proc/self/cgroup' sh "$tree/$SEED_NAME"
