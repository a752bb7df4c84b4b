#!/usr/bin/env bash
# caught by: test_the_seat_keeps_its_own_hostname
# The right hostname, but set in the seat's own namespace, which the new one is then copied from.
set -euo pipefail
seat=$(sudo readlink /proc/1/ns/uts)
sudo hostname "$SEED_HOSTNAME"
setsid sudo unshare --uts sleep infinity </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  pid=$(pgrep --newest --exact sleep || true)
  [ -n "$pid" ] && [ "$(sudo readlink "/proc/$pid/ns/uts")" != "$seat" ] && exit 0
  sleep 0.05
done
exit 1
