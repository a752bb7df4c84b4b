#!/usr/bin/env bash
# caught by: test_the_seat_keeps_its_own_hostname
# The seat was renamed first; the new namespace is a copy and has the right name by accident.
set -euo pipefail
touch room
sudo hostname "$SEED_HOSTNAME"
sudo unshare --uts="$PWD/room" true
