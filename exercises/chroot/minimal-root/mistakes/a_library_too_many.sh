#!/usr/bin/env bash
# caught by: test_the_root_holds_only_the_libraries_that_its_programs_need
# One library left over from a program that was tried and removed again.
set -euo pipefail
for program in /bin/bash /bin/sleep; do
  for file in "$program" $(ldd "$program" | grep -o "/[^ ]*"); do
    mkdir -p "root$(dirname "$file")"
    [ -e "root$file" ] || cp --dereference "$file" "root$file"
  done
done
spare=$(ldd "$(command -v python3)" | grep -o '/[^ ]*libz\.so[^ ]*')
cp --dereference "$spare" "root$spare"
setsid sudo chroot root /bin/sleep infinity </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  for pid in $(pgrep --exact sleep); do
    [ "$(sudo readlink "/proc/$pid/root")" = "$PWD/root" ] && exit 0
  done
  sleep 0.05
done
exit 1
