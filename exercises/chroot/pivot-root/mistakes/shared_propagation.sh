#!/usr/bin/env bash
# caught by: test_the_seat_sees_none_of_its_mounts
# The new namespace was told to leave propagation as it is; where that is shared, its mounts come out on the seat.
set -euo pipefail
mkdir -p newroot/bin newroot/old
cp /bin/busybox newroot/bin/
echo "$SEED_WORD" >newroot/word
around=$(findmnt --noheadings --output TARGET --target .)
before=$(findmnt --noheadings --output PROPAGATION --mountpoint "$around" | head --lines=1)
sudo mount --make-shared "$around" # as it is on a machine that systemd has started
setsid sudo unshare --mount --propagation unchanged sh -c '
  mount --bind newroot newroot
  mount --make-rprivate / # pivot_root refuses otherwise; too late for the mount before
  cd newroot
  pivot_root . old
  exec /bin/busybox sh -c "busybox umount -l /old && exec busybox sleep 1d"
' </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact 'busybox sleep 1d'
sudo mount --make-"$before" "$around"
