#!/usr/bin/env bash
# caught by: test_the_namespace_has_the_posix_queue
# Copied from the neighbour, whose queue has another name.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --ipc --mount sh -c '
  ipcmk --queue --mode "$2"
  mount -t mqueue mqueue /dev/mqueue
  touch "/dev/mqueue/$1"
  exec sleep infinity
' sh "${SEED_QUEUE}x" "0$SEED_MODE" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep infinity"
