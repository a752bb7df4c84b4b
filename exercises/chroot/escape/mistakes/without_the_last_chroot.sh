#!/usr/bin/env bash
# caught by: test_a_prisoner_got_out
# cd leads out and the secret can be read; but without a last chroot to "." the root is still the jail.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo chroot jail /bin/sh -c '
  mount -t proc proc /proc
  cd /proc/1/root
  cat ".$1/treasure" >/answer
  /bin/sleep 1d; :
' sh "$PWD" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact '/bin/sleep 1d'
