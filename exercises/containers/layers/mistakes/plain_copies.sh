#!/usr/bin/env bash
# caught by: test_two_overlays_stand_on_the_base
# Two copies of the base look the same, but share nothing with it.
set -euo pipefail
cp -a base one
cp -a base two
echo "$SEED_WORD" >"one/etc/$SEED_CHANGED"
rm "one/etc/$SEED_DELETED"
