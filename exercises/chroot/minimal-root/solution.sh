#!/usr/bin/env bash
# The shell, sleep and what ldd names for them, at the same paths below root/; then a shell in it that stays.
set -euo pipefail

for program in /bin/bash /bin/sleep; do
  for file in "$program" $(ldd "$program" | grep -o '/[^ ]*'); do
    mkdir -p "root$(dirname "$file")"
    [ -e "root$file" ] || cp --dereference "$file" "root$file"
  done
done

setsid sudo chroot root /bin/bash -c '/bin/sleep infinity; :' </dev/null >/dev/null 2>&1 &

for _ in $(seq 100); do
  for pid in $(pgrep --exact sleep); do
    [ "$(sudo readlink "/proc/$pid/root")" = "$PWD/root" ] && exit 0
  done
  sleep 0.05
done
echo "nobody lives in $PWD/root" >&2
exit 1
