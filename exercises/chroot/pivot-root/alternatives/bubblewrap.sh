#!/usr/bin/env bash
# bwrap does all of it by itself: user and mount namespace, the turn, and letting go of the old root.
set -euo pipefail

mkdir -p image/bin
[ -e image/bin/busybox ] || cp /bin/busybox image/bin/
echo "$SEED_WORD" >image/word

setsid bwrap --bind image / --proc /proc --dev /dev /bin/busybox sleep 1d </dev/null >/dev/null 2>&1 &

wait_until pgrep --full --exact '/bin/busybox sleep 1d'
