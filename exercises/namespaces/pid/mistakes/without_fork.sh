#!/usr/bin/env bash
# caught by: test_init_of_a_new_pid_namespace_is_running
# unshare without --fork: the program stays in the old pid namespace, only its children would be in the new one.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --pid bash -c 'exec -a "$1" sleep infinity' init "$SEED_NAME" </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  pgrep --full --exact "$SEED_NAME infinity" >/dev/null && exit 0
  sleep 0.05
done
exit 1
