#!/usr/bin/env bash
# caught by: test_its_root_is_the_top_of_the_namespace
# A mount namespace of its own, but only chroot in it: its top is still the seat's root.
set -euo pipefail
mkdir -p newroot/bin
cp /bin/busybox newroot/bin/
echo "$SEED_WORD" >newroot/word
setsid sudo unshare --mount chroot newroot /bin/busybox sleep 1d </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact '/bin/busybox sleep 1d'
