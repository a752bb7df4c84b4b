#!/usr/bin/env bash
# Root of a new user namespace may do it, too; and a second one enters to make the queues.
set -euo pipefail
setsid unshare --user --map-root-user --ipc --mount sleep 1000000 </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep 1000000"
pid=$(pgrep --full --exact "sleep 1000000")
nsenter --target "$pid" --user --ipc --mount --preserve-credentials sh -c "
  ipcmk --queue --mode 0$SEED_MODE
  mount -t mqueue mqueue /dev/mqueue
  >/dev/mqueue/$SEED_QUEUE
"
