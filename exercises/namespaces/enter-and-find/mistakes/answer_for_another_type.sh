#!/usr/bin/env bash
# caught by: test_the_answer_names_who_shares_the_namespace
# The numbers were compared in the wrong type: there, it lives with others.
set -euo pipefail
number() { sudo stat --dereference --format %i "/proc/$(pgrep --exact "$1")/ns/$2"; }
case $SEED_TYPE in net) type=uts ;; uts) type=ipc ;; *) type=net ;; esac
for other in "$SEED_SECOND" "$SEED_THIRD" "$SEED_TARGET"; do
  [ "$(number "$other" "$type")" != "$(number "$SEED_NAME" "$type")" ] || echo "$other"
done >answer.txt
read -r one two <<<"$SEED_JOIN"
setsid sudo nsenter --target "$(pgrep --exact "$SEED_TARGET")" "--$one" "--$two" sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
