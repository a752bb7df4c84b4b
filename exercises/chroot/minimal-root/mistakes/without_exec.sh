#!/usr/bin/env bash
# caught by: test_the_process_runs_a_program_of_that_root
# chroot(2) was called, but no program of the new root was started after it.
set -euo pipefail
for program in /bin/bash /bin/sleep; do
  for file in "$program" $(ldd "$program" | grep -o "/[^ ]*"); do
    mkdir -p "root$(dirname "$file")"
    [ -e "root$file" ] || cp --dereference "$file" "root$file"
  done
done
setsid sudo python3 -c 'import os, signal; os.chroot("root"); signal.pause()' </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  for pid in $(pgrep --exact python3); do
    [ "$(sudo readlink "/proc/$pid/root")" = "$PWD/root" ] && exit 0
  done
  sleep 0.05
done
exit 1
