#!/usr/bin/env bash
# caught by: test_its_system_calls_are_filtered
# Capabilities and no_new_privs are right; but nothing looks at the system calls.
set -euo pipefail

# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo setpriv --bounding-set="-all,+${SEED_CAP#cap_}" --inh-caps=-all --ambient-caps=-all --no-new-privs \
  bash -c 'exec -a "$1" sleep infinity' - "$SEED_NAME" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "$SEED_NAME infinity"
