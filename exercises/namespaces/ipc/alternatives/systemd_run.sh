#!/usr/bin/env bash
# systemd makes the namespace, and mounts its /dev/mqueue along with it.
set -euo pipefail
ready=$PWD/ready
sudo systemd-run --quiet --collect --unit="$SEED_QUEUE" --property=PrivateIPC=yes sh -c "
  ipcmk --queue --mode 0$SEED_MODE
  touch /dev/mqueue/$SEED_QUEUE $ready
  exec sleep infinity
"
wait_until test -e "$ready"
