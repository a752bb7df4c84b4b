#!/usr/bin/env bash
# caught by: test_it_has_the_capabilities_of_root
# The map was written from outside when sleep already ran: it is root now, but lost all capabilities at its execve.
set -euo pipefail
setsid unshare --user --uts sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
echo "0 $(id -u) 1" >"/proc/$(pgrep --session "$!" --exact sleep)/uid_map"
