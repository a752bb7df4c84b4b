#!/usr/bin/env bash
# caught by: test_a_file_is_changed_in_one_overlay_only
# The word was written in both of them.
set -euo pipefail
for name in one two; do
  mkdir -p "$name/upper" "$name/work" "$name/root"
  sudo mount -t overlay overlay -o "lowerdir=base,upperdir=$name/upper,workdir=$name/work" "$name/root"
done
for name in one two; do
  echo "$SEED_WORD" >"$name/root/etc/$SEED_CHANGED"
done
rm "one/root/etc/$SEED_DELETED"
