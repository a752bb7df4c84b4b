#!/usr/bin/env bash
# caught by: test_its_boot_clock_is_ahead_by_the_days
# All is right but the number, which is another seat's.
set -euo pipefail
setsid sudo unshare --time --boottime "$(((SEED_DAYS + 1) * 86400))" --fork sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
