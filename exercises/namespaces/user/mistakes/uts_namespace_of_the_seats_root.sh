#!/usr/bin/env bash
# caught by: test_root_inside_set_the_hostname
# The uts namespace and its name were made by sudo; root inside has only been put into it, and may change nothing.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --uts sh -c '
  hostname "$1"
  exec setpriv --reuid "$SUDO_UID" --regid "$SUDO_GID" --clear-groups unshare --user --map-root-user sleep infinity
' sh "$SEED_HOSTNAME" </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
