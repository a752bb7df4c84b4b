#!/usr/bin/env bash
# caught by: test_the_seat_sees_it_in_your_control_group
# It sees a slash, but its root is the group of the login session; the group that was made is empty.
set -euo pipefail
tree=/sys/fs/cgroup
[ -e "$tree/cgroup.controllers" ] || tree=$tree/pids
sudo mkdir -p "$tree/$SEED_NAME"
setsid sudo unshare --cgroup sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
