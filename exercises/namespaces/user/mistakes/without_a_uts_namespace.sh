#!/usr/bin/env bash
# caught by: test_root_inside_set_the_hostname
# Root of a user namespace, still in the seat's uts namespace: that one belongs to somebody else, and hostname fails.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid unshare --user --map-root-user \
  sh -c 'hostname "$1"; exec sleep infinity' sh "$SEED_HOSTNAME" </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
