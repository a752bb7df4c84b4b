#!/usr/bin/env bash
# caught by: test_the_kept_namespace_has_the_hostname
# One namespace was kept, and then unshare made a second one, which got the name and ended.
set -euo pipefail
touch room
sudo unshare --uts="$PWD/room" true
sudo unshare --uts hostname "$SEED_HOSTNAME"
