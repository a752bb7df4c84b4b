#!/usr/bin/env bash
# caught by: test_a_prisoner_lives_in_the_jail
# The prisoner himself became the one outside, by exec: nothing shows any more that he ever was inside.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shells expand it
setsid sudo chroot jail /bin/sh -c '
  mount -t proc proc /proc
  exec chroot /proc/1/root /bin/sh -c "cat \"\$1/treasure\" >\"\$1/jail/answer\"; exec \"\$1/jail/bin/sleep\" 1d" sh "$1"
' sh "$PWD" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "$PWD/jail/bin/sleep 1d"
