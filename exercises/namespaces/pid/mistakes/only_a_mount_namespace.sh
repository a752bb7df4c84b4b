#!/usr/bin/env bash
# caught by: test_init_of_a_new_pid_namespace_is_running
# A /proc mounted anew in a new mount namespace, but nobody made a pid namespace.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --mount \
  bash -c 'mount -t proc proc /proc; (exec -a "$1" sleep infinity) & wait' init "$SEED_NAME" </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  pgrep --full --exact "$SEED_NAME infinity" >/dev/null && exit 0
  sleep 0.05
done
exit 1
