#!/usr/bin/env bash
# Without sudo: root of a user namespace may mount overlays in its own mount namespace, and the seat sees none of them.
set -euo pipefail
mkdir -p a/{up,work,root} b/{up,work,root}

# shellcheck disable=SC2016 # the inner shell expands it
setsid unshare --user --map-root-user --mount sh -euc '
  for name in a b; do
    mount -t overlay overlay -o "lowerdir=base,upperdir=$name/up,workdir=$name/work" "$name/root"
  done
  echo "$1" >>"a/root/etc/$2"
  rm "b/root/etc/$3"
  touch ready
  exec sleep infinity
' sh "$SEED_WORD" "$SEED_CHANGED" "$SEED_DELETED" </dev/null >/dev/null 2>&1 &
wait_until test -e ready
