#!/usr/bin/env bash
# caught by: test_the_mount_holds_the_word
# First the word and then the mount, which hides it: it lies on the seat, and the process sees an empty room.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --mount sh -c '
  echo "$1" >room/word && mount -t tmpfs room room && exec sleep 1d
' sh "$SEED_WORD" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact 'sleep 1d'
