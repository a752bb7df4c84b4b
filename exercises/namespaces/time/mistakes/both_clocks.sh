#!/usr/bin/env bash
# caught by: test_its_monotonic_clock_is_the_seats
# To be on the safe side both clocks were shifted.
set -euo pipefail
seconds=$((SEED_DAYS * 86400))
setsid sudo unshare --time --boottime "$seconds" --monotonic "$seconds" --fork sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
