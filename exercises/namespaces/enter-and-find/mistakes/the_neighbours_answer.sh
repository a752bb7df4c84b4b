#!/usr/bin/env bash
# caught by: test_the_answer_names_who_shares_the_namespace
# Copied from the next seat, where the same four have other names.
set -euo pipefail
number() { sudo stat --dereference --format %i "/proc/$(pgrep --exact "$1")/ns/$2"; }
for other in "$SEED_SECOND" "$SEED_THIRD" "$SEED_TARGET"; do
  [ "$(number "$other" "$SEED_TYPE")" != "$(number "$SEED_NAME" "$SEED_TYPE")" ] || echo "${other%-*}-zzzzz"
done >answer.txt
read -r one two <<<"$SEED_JOIN"
setsid sudo nsenter --target "$(pgrep --exact "$SEED_TARGET")" "--$one" "--$two" sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
