#!/usr/bin/env bash
# The new root is a tmpfs that exists in the new namespace only; it is a mount point already.
set -euo pipefail

mkdir -p room

# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --mount sh -c '
  mount -t tmpfs room room
  mkdir room/bin room/old
  cp /bin/busybox room/bin/
  echo "$1" >room/word
  pivot_root room room/old
  cd /
  exec /bin/busybox sh -c "busybox umount -l /old && exec busybox sleep 1d"
' sh "$SEED_WORD" </dev/null >/dev/null 2>&1 &

wait_until pgrep --full --exact 'busybox sleep 1d'
