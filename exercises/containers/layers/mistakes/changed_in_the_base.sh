#!/usr/bin/env bash
# caught by: test_the_base_is_as_it_was
# Written to the base, which is not the root of one container but the image of all of them.
set -euo pipefail
for name in one two; do
  mkdir -p "$name/upper" "$name/work" "$name/root"
  sudo mount -t overlay overlay -o "lowerdir=base,upperdir=$name/upper,workdir=$name/work" "$name/root"
done
echo "This came with the base." >"two/root/etc/$SEED_CHANGED"
echo "$SEED_WORD" >"base/etc/$SEED_CHANGED"
rm "one/root/etc/$SEED_DELETED"
