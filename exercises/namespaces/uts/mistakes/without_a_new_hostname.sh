#!/usr/bin/env bash
# caught by: test_the_new_namespace_has_the_hostname
# unshare alone: the new namespace is a copy, and nobody gave it the name.
set -euo pipefail
seat=$(sudo readlink /proc/1/ns/uts)
setsid sudo unshare --uts sleep infinity </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  pid=$(pgrep --newest --exact sleep || true)
  [ -n "$pid" ] && [ "$(sudo readlink "/proc/$pid/ns/uts")" != "$seat" ] && exit 0
  sleep 0.05
done
exit 1
