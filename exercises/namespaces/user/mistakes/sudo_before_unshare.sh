#!/usr/bin/env bash
# caught by: test_an_ordinary_user_made_it
# Out of habit sudo stands before it, so uid 0 inside is uid 0 outside: nothing is gained.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --user --map-root-user --uts \
  sh -c 'hostname "$1" && exec sleep infinity' sh "$SEED_HOSTNAME" </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
