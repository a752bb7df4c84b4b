#!/usr/bin/env bash
# A small program as init, and no sudo: root of a new user namespace may make the others.
set -euo pipefail

setsid unshare --user --map-root-user --pid --fork --mount-proc python3 -c '
import subprocess, sys
subprocess.run([sys.argv[1], "infinity"], executable="/bin/sleep")
' "$SEED_NAME" </dev/null >/dev/null 2>&1 &

for _ in $(seq 100); do
  pgrep --full --exact "$SEED_NAME infinity" >/dev/null && exit 0
  sleep 0.05
done
echo "$SEED_NAME did not start" >&2
exit 1
