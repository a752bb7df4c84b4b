#!/usr/bin/env bash
# A shell in new ipc and mount namespaces makes both queues, and becomes the process that keeps them.
set -euo pipefail

in_place() {
  for pid in $(pgrep --exact sleep); do
    sudo nsenter --target "$pid" --ipc --mount test -e "/dev/mqueue/$SEED_QUEUE" && return
  done
  return 1
}
in_place 2>/dev/null && exit

# /dev/mqueue shows the ipc namespace of whoever mounted it, so it is mounted anew, for these processes alone.
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --ipc --mount sh -c '
  ipcmk --queue --mode "$2"
  mount -t mqueue mqueue /dev/mqueue
  touch "/dev/mqueue/$1"
  exec sleep infinity
' sh "$SEED_QUEUE" "0$SEED_MODE" </dev/null >/dev/null 2>&1 &
wait_until in_place
