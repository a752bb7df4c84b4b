#!/usr/bin/env bash
# The user namespace first; its root then makes the other one, and another root from outside gives it its name.
set -euo pipefail
rm -f pid

# shellcheck disable=SC2016 # the inner shell expands it
setsid unshare --map-root-user sh -c 'exec unshare --uts sh -c "echo \$\$ >pid; exec sleep infinity"' \
  </dev/null >/dev/null 2>&1 &

wait_until test -s pid
nsenter --target "$(cat pid)" --user --uts --preserve-credentials hostname "$SEED_HOSTNAME"
