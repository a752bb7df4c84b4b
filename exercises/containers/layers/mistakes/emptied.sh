#!/usr/bin/env bash
# caught by: test_a_file_is_deleted_in_one_overlay_only
# An empty file is still a file; what hides one of the base is a whiteout.
set -euo pipefail
for name in one two; do
  mkdir -p "$name/upper" "$name/work" "$name/root"
  sudo mount -t overlay overlay -o "lowerdir=base,upperdir=$name/upper,workdir=$name/work" "$name/root"
done
echo "$SEED_WORD" >"one/root/etc/$SEED_CHANGED"
: >"one/root/etc/$SEED_DELETED"
