#!/usr/bin/env bash
# caught by: test_a_process_has_a_root_with_the_word
# All was right, until the only process ended, and the namespace with it.
set -euo pipefail
mkdir -p newroot/bin newroot/old
cp /bin/busybox newroot/bin/
echo "$SEED_WORD" >newroot/word
sudo unshare --mount sh -c '
  mount --bind newroot newroot
  cd newroot
  pivot_root . old
  exec /bin/busybox sh -c "busybox umount -l /old && busybox ls /"
' </dev/null
