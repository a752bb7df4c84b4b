#!/usr/bin/env bash
# Root of a user namespace may set the clocks of the time namespace that belongs to it, as nobody else is in there.
set -euo pipefail

setsid unshare --user --map-root-user --time --boottime $((SEED_DAYS * 86400)) --fork sleep infinity \
  </dev/null >/dev/null 2>&1 &

wait_until pgrep --session "$!" --exact sleep
