#!/usr/bin/env bash
# As container engines do it: a mount namespace whose root is turned. The network stays the seat's own.
set -euo pipefail

mkdir -p image/bin image/old
[ -e image/bin/busybox ] || cp /bin/busybox image/bin/
[ -e image/www ] || cp --archive site image/www

# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --mount sh -c '
  mount --bind image image
  cd image
  pivot_root . old
  cd /
  exec /bin/busybox sh -c "busybox umount -l /old; exec busybox httpd -f -p $1 -h /www"
' sh "$SEED_PORT" </dev/null >/dev/null 2>&1 &

wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
