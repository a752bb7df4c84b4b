#!/usr/bin/env bash
# caught by: test_two_overlays_stand_on_the_base
# Mounted in a mount namespace that nobody stays in: the uppers are left, the mounts are gone.
set -euo pipefail
mkdir -p one/{upper,work,root} two/{upper,work,root}
# shellcheck disable=SC2016 # the inner shell expands it
unshare --user --map-root-user --mount sh -euc '
  for name in one two; do
    mount -t overlay overlay -o "lowerdir=base,upperdir=$name/upper,workdir=$name/work" "$name/root"
  done
  echo "$1" >"one/root/etc/$2"
  rm "one/root/etc/$3"
' sh "$SEED_WORD" "$SEED_CHANGED" "$SEED_DELETED"
