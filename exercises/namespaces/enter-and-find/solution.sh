#!/usr/bin/env bash
# Find: the same inode is the same namespace. Enter: nsenter, with the options of the two types alone.
set -euo pipefail

number() { # of the namespace that a process, told by its name, has of a type
  sudo stat --dereference --format %i "/proc/$(pgrep --exact "$1")/ns/$2"
}

for other in "$SEED_SECOND" "$SEED_THIRD" "$SEED_TARGET"; do
  if [ "$(number "$other" "$SEED_TYPE")" = "$(number "$SEED_NAME" "$SEED_TYPE")" ]; then
    echo "$other"
  fi
done >answer.txt

options=()
for type in $SEED_JOIN; do
  options+=("--$type")
done
setsid sudo nsenter --target "$(pgrep --exact "$SEED_TARGET")" "${options[@]}" sleep infinity \
  </dev/null >/dev/null 2>&1 &

wait_until pgrep --session "$!" --exact sleep
