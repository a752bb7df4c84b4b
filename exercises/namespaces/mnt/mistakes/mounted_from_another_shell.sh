#!/usr/bin/env bash
# caught by: test_the_process_sees_a_mount_in_the_room
# The namespace is there, but the mount was typed in another shell, on the seat, and does not get into it.
set -euo pipefail
setsid sudo unshare --mount sh -c 'exec sleep 1d' </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact 'sleep 1d'
sudo mount -t tmpfs room room
echo "$SEED_WORD" | sudo tee room/word >/dev/null
