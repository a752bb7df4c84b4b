#!/usr/bin/env bash
# caught by: test_the_seat_keeps_its_own_proc
# Without a mount namespace the new /proc is mounted over the one that the whole seat uses.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --pid --fork \
  bash -c 'mount -t proc proc /proc; (exec -a "$1" sleep infinity) & wait' init "$SEED_NAME" </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  pgrep --full --exact "$SEED_NAME infinity" >/dev/null && exit 0
  sleep 0.05
done
exit 1
