#!/usr/bin/env bash
# caught by: test_its_boot_clock_is_ahead_by_the_days
# The number from the task as it stands there; but offsets are in seconds.
set -euo pipefail
setsid sudo unshare --time --boottime "$SEED_DAYS" --fork sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
