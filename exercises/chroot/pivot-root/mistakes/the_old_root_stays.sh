#!/usr/bin/env bash
# caught by: test_the_old_root_is_gone
# pivot_root without umount: the whole seat is still there, below /old.
set -euo pipefail
mkdir -p newroot/bin newroot/old
cp /bin/busybox newroot/bin/
echo "$SEED_WORD" >newroot/word
setsid sudo unshare --mount sh -c '
  mount --bind newroot newroot
  cd newroot
  pivot_root . old
  exec /bin/busybox sleep 1d
' </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact '/bin/busybox sleep 1d'
