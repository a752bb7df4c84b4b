#!/usr/bin/env bash
# The process first, its name afterwards: somebody else enters the namespace and sets the hostname there.
set -euo pipefail

# The hostname must not be set before the process is really there, or it would be set on the seat.
setsid sudo unshare --uts sleep infinity </dev/null >/dev/null 2>&1 &
seat=$(sudo readlink /proc/1/ns/uts)
for _ in $(seq 100); do
  pid=$(pgrep --newest --exact sleep || true)
  if [ -n "$pid" ] && [ "$(sudo readlink "/proc/$pid/ns/uts")" != "$seat" ]; then
    sudo nsenter --target "$pid" --uts hostname "$SEED_HOSTNAME"
    exit 0
  fi
  sleep 0.05
done
echo "the process did not start" >&2
exit 1
