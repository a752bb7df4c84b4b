#!/usr/bin/env bash
# caught by: test_the_seat_has_neither_of_them
# A first try was made on the seat, and nobody cleared it away.
set -euo pipefail
ipcmk --queue --mode "0$SEED_MODE"
touch "/dev/mqueue/$SEED_QUEUE"
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --ipc --mount sh -c '
  ipcmk --queue --mode "$2"
  mount -t mqueue mqueue /dev/mqueue
  touch "/dev/mqueue/$1"
  exec sleep infinity
' sh "$SEED_QUEUE" "0$SEED_MODE" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep infinity"
