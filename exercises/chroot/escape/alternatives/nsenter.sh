#!/usr/bin/env bash
# nsenter can take over another process's root directory, besides namespaces; proc must be there for it.
set -euo pipefail

# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo chroot jail /bin/sh -c '
  mount -t proc proc /proc
  nsenter -t 1 -r /bin/cp "$1/treasure" "$1/jail/answer"
  nsenter -t 1 -r /bin/sleep 1d
  umount /proc
' sh "$PWD" </dev/null >/dev/null 2>&1 &

wait_until pgrep --full --exact '/bin/sleep 1d'
