#!/usr/bin/env bash
# caught by: test_root_inside_is_you_outside
# A new user namespace, but nobody is mapped into it: inside, id says nobody (65534).
set -euo pipefail
setsid unshare --user --uts sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
