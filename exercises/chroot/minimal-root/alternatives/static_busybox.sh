#!/usr/bin/env bash
# A static program needs no library at all; its many names are symbolic links.
set -euo pipefail
mkdir -p tiny/bin
[ -e tiny/bin/busybox ] || cp /bin/busybox tiny/bin/busybox
ln -sf /bin/busybox tiny/bin/sh

setsid sudo unshare --root=tiny /bin/sh -c 'while :; do busybox sleep 3600; done' </dev/null >/dev/null 2>&1 &

for _ in $(seq 100); do
  for pid in $(pgrep --exact 'sh|busybox'); do
    [ "$(sudo readlink "/proc/$pid/root")" = "$PWD/tiny" ] && exit 0
  done
  sleep 0.05
done
echo "nobody lives in $PWD/tiny" >&2
exit 1
