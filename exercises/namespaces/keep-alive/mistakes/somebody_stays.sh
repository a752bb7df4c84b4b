#!/usr/bin/env bash
# caught by: test_no_process_is_in_it
# The mount keeps it already, and yet the process that made it was left in there.
set -euo pipefail
touch room
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --uts="$PWD/room" sh -c 'hostname "$1" && exec sleep infinity' sh "$SEED_HOSTNAME" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep infinity"
wait_until mountpoint room
