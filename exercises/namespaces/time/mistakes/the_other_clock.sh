#!/usr/bin/env bash
# caught by: test_its_boot_clock_is_ahead_by_the_days
# The monotonic clock was shifted, and uptime still says the same as outside.
set -euo pipefail
setsid sudo unshare --time --monotonic "$((SEED_DAYS * 86400))" --fork sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
