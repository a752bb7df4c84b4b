#!/usr/bin/env bash
# caught by: test_each_overlay_has_an_upper_of_its_own
# Both overlays write to the same upper directory; the kernel only warns of it in its log.
set -euo pipefail
mkdir -p upper work one two
stack() { sudo mount -t overlay overlay -o "lowerdir=base,upperdir=upper,workdir=work" "$1"; }
stack one
echo "$SEED_WORD" >"one/etc/$SEED_CHANGED"
rm "one/etc/$SEED_DELETED"
stack two
