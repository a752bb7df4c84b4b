#!/usr/bin/env bash
# caught by: test_it_sees_your_group_as_the_root
# The wrong order: the root was fixed at unshare, and the group entered later is not it.
set -euo pipefail
tree=/sys/fs/cgroup
[ -e "$tree/cgroup.controllers" ] || tree=$tree/pids
sudo mkdir -p "$tree/$SEED_NAME"
setsid sudo unshare --cgroup sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
pgrep --session "$!" --exact sleep | sudo tee "$tree/$SEED_NAME/cgroup.procs"
