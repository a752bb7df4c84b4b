#!/usr/bin/env bash
# Each step by itself: namespaces first, then /proc, then the second process from a copy of sleep under its name.
set -euo pipefail
[ -e "./$SEED_NAME" ] || cp "$(command -v sleep)" "./$SEED_NAME"

# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --pid --mount --fork sh -c '
  mount --make-rprivate /
  mount -t proc proc /proc
  "./$1" infinity &
  wait
' init "$SEED_NAME" </dev/null >/dev/null 2>&1 &

for _ in $(seq 100); do
  pgrep --full --exact "./$SEED_NAME infinity" >/dev/null && exit 0
  sleep 0.05
done
echo "$SEED_NAME did not start" >&2
exit 1
