#!/usr/bin/env bash
# caught by: test_it_sees_your_group_as_the_root
# unshare in the group above, then down into the one that was asked for: its path is /NAME, not /.
set -euo pipefail
tree=/sys/fs/cgroup
[ -e "$tree/cgroup.controllers" ] || tree=$tree/pids
above=$tree/above-$SEED_NAME
sudo mkdir -p "$above/$SEED_NAME"
# shellcheck disable=SC2016 # the inner shells expand it
setsid sudo sh -c '
  echo $$ >"$1/cgroup.procs"
  exec unshare --cgroup sh -c "echo \$\$ >\"\$1/cgroup.procs\" && exec sleep infinity" sh "$1/$2"
' sh "$above" "$SEED_NAME" </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
