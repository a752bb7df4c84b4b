#!/usr/bin/env bash
# caught by: test_the_namespace_has_the_posix_queue
# /dev/mqueue is still the seat's, and so is the queue that was made in it.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --ipc sh -c '
  ipcmk --queue --mode "$2"
  touch "/dev/mqueue/$1"
  exec sleep infinity
' sh "$SEED_QUEUE" "0$SEED_MODE" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep infinity"
