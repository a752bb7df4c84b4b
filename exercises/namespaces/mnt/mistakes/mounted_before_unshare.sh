#!/usr/bin/env bash
# caught by: test_the_seat_sees_none_of_it
# The mount was made first, and the new namespace is a copy: the process has it, and so has the seat.
set -euo pipefail
sudo mount -t tmpfs room room
echo "$SEED_WORD" | sudo tee room/word >/dev/null
setsid sudo unshare --mount sh -c 'exec sleep 1d' </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact 'sleep 1d'
