#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_root_in_the_folder
# The process stands in the directory (cd), but its root is still the seat's.
set -euo pipefail
for program in /bin/bash /bin/sleep; do
  for file in "$program" $(ldd "$program" | grep -o "/[^ ]*"); do
    mkdir -p "root$(dirname "$file")"
    [ -e "root$file" ] || cp --dereference "$file" "root$file"
  done
done
cd root
setsid bin/sleep infinity </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  for pid in $(pgrep --exact sleep); do
    [ "$(readlink "/proc/$pid/exe")" = "$PWD/bin/sleep" ] && exit 0
  done
  sleep 0.05
done
exit 1
