#!/usr/bin/env bash
# caught by: test_the_root_borrows_nothing_from_the_seat
# Instead of copying the libraries, all of the seat's /usr was mounted in.
set -euo pipefail
mkdir -p root/usr
mountpoint --quiet root/usr || sudo mount --bind /usr root/usr
ln -sfn usr/bin root/bin
ln -sfn usr/lib root/lib
ln -sfn usr/lib64 root/lib64
setsid sudo chroot root /bin/sleep infinity </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  for pid in $(pgrep --exact sleep); do
    [ "$(sudo readlink "/proc/$pid/root")" = "$PWD/root" ] && exit 0
  done
  sleep 0.05
done
exit 1
