#!/usr/bin/env bash
# Two overlays over the same base; what happens in the first one goes to the first one's upper.
set -euo pipefail

for name in one two; do
  mkdir -p "$name/upper" "$name/work" "$name/root"
  mountpoint --quiet "$name/root" ||
    sudo mount -t overlay overlay -o "lowerdir=$PWD/base,upperdir=$PWD/$name/upper,workdir=$PWD/$name/work" "$name/root"
done

echo "$SEED_WORD" >"one/root/etc/$SEED_CHANGED" # copied up
rm -f "one/root/etc/$SEED_DELETED"              # a whiteout
