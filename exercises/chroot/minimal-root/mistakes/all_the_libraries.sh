#!/usr/bin/env bash
# caught by: test_the_root_holds_only_the_libraries_that_its_programs_need
# The whole library directory was copied instead of what ldd names.
set -euo pipefail
for program in /bin/bash /bin/sleep; do
  for file in "$program" $(ldd "$program" | grep -o "/[^ ]*"); do
    mkdir -p "root$(dirname "$file")"
    [ -e "root$file" ] || cp --dereference "$file" "root$file"
  done
done
libraries=$(dirname "$(ldd /bin/bash | grep -o '/[^ ]*libc\.so[^ ]*')")
cp --recursive --no-clobber "$libraries/." "root$libraries/" 2>/dev/null || true
setsid sudo chroot root /bin/sleep infinity </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  for pid in $(pgrep --exact sleep); do
    [ "$(sudo readlink "/proc/$pid/root")" = "$PWD/root" ] && exit 0
  done
  sleep 0.05
done
exit 1
