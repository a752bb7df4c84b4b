#!/usr/bin/env bash
# One unshare makes both: the user namespace, with us as its root, and a uts namespace that belongs to it.
set -euo pipefail

# shellcheck disable=SC2016 # the inner shell expands it
setsid unshare --user --map-root-user --uts \
  sh -c 'hostname "$1" && exec sleep infinity' sh "$SEED_HOSTNAME" </dev/null >/dev/null 2>&1 &

in_place() {
  for pid in $(pgrep --uid "$(id -u)" --exact sleep); do
    name=$(nsenter --target "$pid" --user --uts --preserve-credentials hostname 2>/dev/null || true)
    [ "$name" = "$SEED_HOSTNAME" ] && return
  done
  return 1
}
wait_until in_place
