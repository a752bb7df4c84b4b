#!/usr/bin/env bash
# caught by: test_a_process_has_a_root_with_the_word
# Everything turned well, but with the word of the neighbour.
set -euo pipefail
mkdir -p newroot/bin newroot/old
cp /bin/busybox newroot/bin/
echo pivo-vizinha >newroot/word
setsid sudo unshare --mount sh -c '
  mount --bind newroot newroot
  cd newroot
  pivot_root . old
  exec /bin/busybox sh -c "busybox umount -l /old && exec busybox sleep 1d"
' </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact 'busybox sleep 1d'
