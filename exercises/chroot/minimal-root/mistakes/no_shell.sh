#!/usr/bin/env bash
# caught by: test_the_root_has_a_shell_that_can_start
# Only sleep and its libraries are there, and no shell.
set -euo pipefail
# shellcheck disable=SC2043 # the loop is what the student kept of it
for program in /bin/sleep; do
  for file in "$program" $(ldd "$program" | grep -o "/[^ ]*"); do
    mkdir -p "root$(dirname "$file")"
    [ -e "root$file" ] || cp --dereference "$file" "root$file"
  done
done
setsid sudo chroot root /bin/sleep infinity </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  for pid in $(pgrep --exact sleep); do
    [ "$(sudo readlink "/proc/$pid/root")" = "$PWD/root" ] && exit 0
  done
  sleep 0.05
done
exit 1
