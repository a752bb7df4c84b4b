#!/usr/bin/env bash
# caught by: test_root_inside_is_you_outside
# The other option with map in its name: the student stays the student, inside as outside.
set -euo pipefail
setsid unshare --user --map-current-user --uts sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
