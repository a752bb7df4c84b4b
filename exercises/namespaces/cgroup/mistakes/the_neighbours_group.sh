#!/usr/bin/env bash
# caught by: test_the_seat_sees_it_in_your_control_group
# All is right but the name, which is another seat's.
set -euo pipefail
tree=/sys/fs/cgroup
[ -e "$tree/cgroup.controllers" ] || tree=$tree/pids
group=$tree/grupo-zzzzz
sudo mkdir -p "$group"
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo sh -c 'echo $$ >"$1/cgroup.procs" && exec unshare --cgroup sleep infinity' sh "$group" </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
