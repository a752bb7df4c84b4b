#!/usr/bin/env bash
# bwrap keeps all that is there and puts a tmpfs on the one directory.
set -euo pipefail

# shellcheck disable=SC2016 # the inner shell expands it
setsid bwrap --dev-bind / / --tmpfs "$PWD/room" sh -c 'echo "$1" >room/word && exec sleep 1d' sh "$SEED_WORD" \
  </dev/null >/dev/null 2>&1 &

wait_until pgrep --full --exact 'sleep 1d'
