#!/usr/bin/env bash
# caught by: test_the_kept_namespace_has_the_hostname
# The namespace is kept, but it is still called as the seat is.
set -euo pipefail
touch room
sudo unshare --uts="$PWD/room" true
