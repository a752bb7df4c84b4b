#!/usr/bin/env bash
# Each step by itself: a process makes the namespace, mount keeps it, the process ends; the name comes afterwards.
set -euo pipefail
setsid sudo unshare --uts sleep 1000000 </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep 1000000"
pid=$(pgrep --full --exact "sleep 1000000")

touch room
sudo mount --bind "/proc/$pid/ns/uts" room
sudo kill "$pid"
sudo nsenter --uts=room hostname "$SEED_HOSTNAME"
has_ended() { ! [ -e "/proc/$pid" ]; }
wait_until has_ended
