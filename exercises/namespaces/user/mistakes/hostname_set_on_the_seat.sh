#!/usr/bin/env bash
# caught by: test_root_inside_set_the_hostname
# hostname was refused inside, so sudo had to help: now the whole seat is called so.
set -euo pipefail
setsid unshare --user --map-root-user sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
sudo hostname "$SEED_HOSTNAME"
