#!/usr/bin/env bash
# caught by: test_a_second_process_lives_beside_init
# The program with the name is init itself; nobody is beside it.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --pid --fork --mount-proc \
  bash -c 'exec -a "$1" sleep infinity' init "$SEED_NAME" </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  pgrep --full --exact "$SEED_NAME infinity" >/dev/null && exit 0
  sleep 0.05
done
exit 1
