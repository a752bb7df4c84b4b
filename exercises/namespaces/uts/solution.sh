#!/usr/bin/env bash
# A new uts namespace; its first program sets the hostname and then becomes the process that keeps it.
set -euo pipefail
name=$SEED_HOSTNAME

# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --uts sh -c 'hostname "$1" && exec sleep infinity' sh "$name" </dev/null >/dev/null 2>&1 &

in_place() {
  for pid in $(pgrep --exact sleep); do
    [ "$(sudo nsenter --target "$pid" --uts hostname 2>/dev/null)" = "$name" ] && return
  done
  return 1
}
for _ in $(seq 100); do
  in_place && exit 0
  sleep 0.05
done
echo "no process has the hostname $name" >&2
exit 1
