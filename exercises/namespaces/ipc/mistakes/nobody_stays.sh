#!/usr/bin/env bash
# caught by: test_a_process_lives_in_an_ipc_namespace_of_its_own
# Both queues were there, seen with one's own eyes; then the shell ended, and the namespace with it.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
sudo unshare --ipc --mount sh -c '
  ipcmk --queue --mode "$2"
  mount -t mqueue mqueue /dev/mqueue
  touch "/dev/mqueue/$1"
  ipcs --queues
' sh "$SEED_QUEUE" "0$SEED_MODE"
