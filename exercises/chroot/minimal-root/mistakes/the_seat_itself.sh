#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_root_in_the_folder
# The seat's own root directory, mounted in the folder: another path, the same directory.
set -euo pipefail
mkdir -p root
mountpoint --quiet root || sudo mount --bind / root
setsid sudo chroot root /bin/sleep infinity </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  for pid in $(pgrep --exact sleep); do
    [ "$(sudo readlink "/proc/$pid/root")" = "$PWD/root" ] && exit 0
  done
  sleep 0.05
done
exit 1
