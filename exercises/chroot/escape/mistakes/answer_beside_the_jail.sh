#!/usr/bin/env bash
# caught by: test_the_secret_was_brought_into_the_jail
# Out he is, but he forgot that paths begin elsewhere now: the answer lies beside the jail.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shells expand it
setsid sudo chroot jail /bin/sh -c '
  mount -t proc proc /proc
  chroot /proc/1/root /bin/sh -c "cd \"\$1\"; cat treasure >answer; exec sleep 1d" sh "$1"; :
' sh "$PWD" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact 'sleep 1d'
