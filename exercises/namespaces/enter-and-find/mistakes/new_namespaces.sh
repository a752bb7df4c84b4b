#!/usr/bin/env bash
# caught by: test_a_process_of_yours_joined_the_named_one
# unshare where nsenter was wanted: two namespaces of the right types, but new ones, with nobody else in them.
set -euo pipefail
number() { sudo stat --dereference --format %i "/proc/$(pgrep --exact "$1")/ns/$2"; }
for other in "$SEED_SECOND" "$SEED_THIRD" "$SEED_TARGET"; do
  [ "$(number "$other" "$SEED_TYPE")" != "$(number "$SEED_NAME" "$SEED_TYPE")" ] || echo "$other"
done >answer.txt
read -r one two <<<"$SEED_JOIN"
setsid sudo unshare "--$one" "--$two" sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
