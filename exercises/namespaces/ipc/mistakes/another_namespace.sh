#!/usr/bin/env bash
# caught by: test_a_process_lives_in_an_ipc_namespace_of_its_own
# A namespace for the mount was made, but none for ipc: the queues are the seat's.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --mount sh -c '
  ipcmk --queue --mode "$2"
  mount -t mqueue mqueue /dev/mqueue
  touch "/dev/mqueue/$1"
  exec sleep infinity
' sh "$SEED_QUEUE" "0$SEED_MODE" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep infinity"
