#!/usr/bin/env bash
# caught by: test_the_seat_sees_none_of_its_mounts
# The bind mount was made before the new namespace: it stays on the seat.
set -euo pipefail
mkdir -p newroot/bin newroot/old
cp /bin/busybox newroot/bin/
echo "$SEED_WORD" >newroot/word
sudo mount --bind newroot newroot
cd newroot
setsid sudo unshare --mount sh -c '
  pivot_root . old
  exec /bin/busybox sh -c "busybox umount -l /old && exec busybox sleep 1d"
' </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact 'busybox sleep 1d'
