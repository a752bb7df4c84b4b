#!/usr/bin/env bash
# caught by: test_the_new_namespace_has_the_hostname
# Copied from the neighbour, whose hostname is another.
set -euo pipefail
neighbours="$SEED_HOSTNAME"x
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --uts sh -c 'hostname "$1" && exec sleep infinity' sh "$neighbours" </dev/null >/dev/null 2>&1 &
in_place() {
  for pid in $(pgrep --exact sleep); do
    [ "$(sudo nsenter --target "$pid" --uts hostname 2>/dev/null)" = "$neighbours" ] && return
  done
  return 1
}
for _ in $(seq 100); do
  in_place && exit 0
  sleep 0.05
done
exit 1
