#!/usr/bin/env bash
# caught by: test_it_joined_no_others
# nsenter with the option for each namespace: the third one came along. (--all would want the time namespace too, which
# is the computer's where a seat has a user namespace of its own.)
set -euo pipefail
number() { sudo stat --dereference --format %i "/proc/$(pgrep --exact "$1")/ns/$2"; }
for other in "$SEED_SECOND" "$SEED_THIRD" "$SEED_TARGET"; do
  [ "$(number "$other" "$SEED_TYPE")" != "$(number "$SEED_NAME" "$SEED_TYPE")" ] || echo "$other"
done >answer.txt
read -r one two <<<"$SEED_JOIN"
setsid sudo nsenter --target "$(pgrep --exact "$SEED_TARGET")" --mount --uts --ipc --net --pid \
  sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
[ -n "$one$two" ]
