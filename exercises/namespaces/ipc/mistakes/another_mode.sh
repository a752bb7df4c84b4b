#!/usr/bin/env bash
# caught by: test_the_namespace_has_the_system_v_queue
# Without --mode, so the queue has the one that ipcmk gives by itself.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --ipc --mount sh -c '
  ipcmk --queue
  mount -t mqueue mqueue /dev/mqueue
  touch "/dev/mqueue/$1"
  exec sleep infinity
' sh "$SEED_QUEUE" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep infinity"
