#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_mount_namespace_of_its_own
# Mounted without unshare: all who are on the seat see it.
set -euo pipefail
sudo mount -t tmpfs room room
echo "$SEED_WORD" | sudo tee room/word >/dev/null
setsid sleep 1d </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact 'sleep 1d'
