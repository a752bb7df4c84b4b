#!/usr/bin/env bash
# A directory becomes a mount point, then the root of a namespace; the old root ends up in old/ and is let go.
set -euo pipefail

mkdir -p newroot/bin newroot/old
[ -e newroot/bin/busybox ] || cp /bin/busybox newroot/bin/
echo "$SEED_WORD" >newroot/word

# From the exec on a program of the new root runs, so that nothing holds the old one any more.
setsid sudo unshare --mount sh -c '
  mount --bind newroot newroot
  cd newroot
  pivot_root . old
  exec /bin/busybox sh -c "busybox umount -l /old && exec busybox sleep infinity"
' </dev/null >/dev/null 2>&1 &

wait_until pgrep --full --exact 'busybox sleep infinity'
