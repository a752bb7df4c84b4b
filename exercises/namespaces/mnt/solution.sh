#!/usr/bin/env bash
# A new mount namespace; its first program mounts, writes, and then becomes the process that keeps it.
set -euo pipefail
word=$SEED_WORD room=$PWD/room

# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --mount sh -c 'mount -t tmpfs room "$1" && echo "$2" >"$1/word" && exec sleep infinity' \
  sh "$room" "$word" </dev/null >/dev/null 2>&1 &

in_place() {
  for pid in $(pgrep --full --exact 'sleep infinity'); do
    [ "$(sudo nsenter --target "$pid" --mount cat "$room/word")" = "$word" ] && return
  done
  return 1
}
wait_until in_place
