#!/usr/bin/env bash
# Without sudo: whoever is root of a new user namespace may name the uts namespace that belongs to it.
set -euo pipefail
ready=$(mktemp --dry-run)

setsid unshare --user --map-root-user --uts python3 -c '
import pathlib, signal, socket, sys
socket.sethostname(sys.argv[1])
pathlib.Path(sys.argv[2]).touch()
signal.pause()
' "$SEED_HOSTNAME" "$ready" </dev/null >/dev/null 2>&1 &

for _ in $(seq 100); do
  if [ -e "$ready" ]; then
    rm "$ready"
    exit 0
  fi
  sleep 0.05
done
echo "the process did not name its namespace" >&2
exit 1
