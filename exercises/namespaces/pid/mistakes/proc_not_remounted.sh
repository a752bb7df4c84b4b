#!/usr/bin/env bash
# caught by: test_proc_in_the_namespace_shows_the_namespace
# The new namespace is there, but /proc is still the old one, so ps shows the whole seat.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --pid --fork \
  bash -c '(exec -a "$1" sleep infinity) & wait' init "$SEED_NAME" </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  pgrep --full --exact "$SEED_NAME infinity" >/dev/null && exit 0
  sleep 0.05
done
exit 1
