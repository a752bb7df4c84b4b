#!/usr/bin/env bash
# caught by: test_it_joined_each_of_the_namespaces
# Two processes, each in one of the two namespaces; nobody is in both.
set -euo pipefail
number() { sudo stat --dereference --format %i "/proc/$(pgrep --exact "$1")/ns/$2"; }
for other in "$SEED_SECOND" "$SEED_THIRD" "$SEED_TARGET"; do
  [ "$(number "$other" "$SEED_TYPE")" != "$(number "$SEED_NAME" "$SEED_TYPE")" ] || echo "$other"
done >answer.txt
read -r one two <<<"$SEED_JOIN"
for type in "$one" "$two"; do
  setsid sudo nsenter --target "$(pgrep --exact "$SEED_TARGET")" "--$type" sleep infinity </dev/null >/dev/null 2>&1 &
  wait_until pgrep --session "$!" --exact sleep
done
