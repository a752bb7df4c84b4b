#!/usr/bin/env bash
# caught by: test_a_process_of_yours_joined_the_named_one
# It was in there, and has looked around; then the command ended.
set -euo pipefail
number() { sudo stat --dereference --format %i "/proc/$(pgrep --exact "$1")/ns/$2"; }
for other in "$SEED_SECOND" "$SEED_THIRD" "$SEED_TARGET"; do
  [ "$(number "$other" "$SEED_TYPE")" != "$(number "$SEED_NAME" "$SEED_TYPE")" ] || echo "$other"
done >answer.txt
read -r one two <<<"$SEED_JOIN"
sudo nsenter --target "$(pgrep --exact "$SEED_TARGET")" "--$one" "--$two" uname --nodename
