#!/usr/bin/env bash
# caught by: test_the_namespace_has_the_system_v_queue
# Made on the seat in the belief that the new namespace begins as a copy, as that of the hostname does.
set -euo pipefail
ipcmk --queue --mode "0$SEED_MODE"
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --ipc --mount sh -c '
  mount -t mqueue mqueue /dev/mqueue
  touch "/dev/mqueue/$1"
  exec sleep infinity
' sh "$SEED_QUEUE" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep infinity"
