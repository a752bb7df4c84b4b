#!/usr/bin/env bash
# caught by: test_its_boot_clock_is_ahead_by_the_days
# A new time namespace, whose clocks go like those outside: nobody gave it an offset.
set -euo pipefail
setsid sudo unshare --time --fork sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
