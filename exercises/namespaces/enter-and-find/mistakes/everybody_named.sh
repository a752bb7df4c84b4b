#!/usr/bin/env bash
# caught by: test_the_answer_names_who_shares_the_namespace
# All names in the file, to be sure that the right ones are among them.
set -euo pipefail
number() { sudo stat --dereference --format %i "/proc/$(pgrep --exact "$1")/ns/$2"; }
printf '%s\n' "$SEED_NAME" "$SEED_SECOND" "$SEED_THIRD" "$SEED_TARGET" >answer.txt
read -r one two <<<"$SEED_JOIN"
setsid sudo nsenter --target "$(pgrep --exact "$SEED_TARGET")" "--$one" "--$two" sleep infinity </dev/null >/dev/null 2>&1 &
wait_until pgrep --session "$!" --exact sleep
