#!/usr/bin/env bash
# One shell as init, which starts the second process and waits for it; --mount-proc brings a mount namespace along.
set -euo pipefail
name=$SEED_NAME

# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --pid --fork --mount-proc \
  bash -c '(exec -a "$1" sleep infinity) & wait' init "$name" </dev/null >/dev/null 2>&1 &

for _ in $(seq 100); do
  pgrep --full --exact "$name infinity" >/dev/null && exit 0
  sleep 0.05
done
echo "$name did not start" >&2
exit 1
