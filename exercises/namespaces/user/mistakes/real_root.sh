#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_user_namespace_of_its_own
# With sudo it is easy: but this is the machine's own root, and nothing holds it in.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --uts sh -c 'hostname "$1" && exec sleep infinity' sh "$SEED_HOSTNAME" </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
