#!/usr/bin/env bash
# caught by: test_it_is_not_the_seats_own_namespace
# The mount was made from outside, where /proc/self is mount itself, in the seat's namespace.
set -euo pipefail
touch room
setsid sudo unshare --uts sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep infinity"
sudo mount --bind /proc/self/ns/uts room
