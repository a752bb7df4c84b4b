#!/usr/bin/env bash
# caught by: test_it_is_in_a_mount_namespace_of_its_own
# chroot in the seat's own mount namespace: another root for the process, and nothing else.
set -euo pipefail
mkdir -p newroot/bin
cp /bin/busybox newroot/bin/
echo "$SEED_WORD" >newroot/word
setsid sudo chroot newroot /bin/busybox sleep 1d </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact '/bin/busybox sleep 1d'
