#!/usr/bin/env bash
# caught by: test_the_old_root_is_gone
# umount of a busy tree fails where it is not lazy; nobody read the message.
set -euo pipefail
mkdir -p newroot/bin newroot/old
cp /bin/busybox newroot/bin/
echo "$SEED_WORD" >newroot/word
setsid sudo unshare --mount sh -c '
  mount --bind newroot newroot
  cd newroot
  pivot_root . old
  exec /bin/busybox sh -c "busybox umount /old; exec busybox sleep 1d"
' </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact 'busybox sleep 1d'
