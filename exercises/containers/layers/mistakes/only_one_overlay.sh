#!/usr/bin/env bash
# caught by: test_two_overlays_stand_on_the_base
# One overlay, compared with the base itself.
set -euo pipefail
mkdir upper work root
sudo mount -t overlay overlay -o lowerdir=base,upperdir=upper,workdir=work root
echo "$SEED_WORD" >"root/etc/$SEED_CHANGED"
rm "root/etc/$SEED_DELETED"
