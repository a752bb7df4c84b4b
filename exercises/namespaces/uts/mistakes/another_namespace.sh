#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_uts_namespace_of_its_own
# A new namespace, but of mounts: -m for -u.
set -euo pipefail
seat=$(sudo readlink /proc/1/ns/mnt)
setsid sudo unshare --mount sleep infinity </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do
  pid=$(pgrep --newest --exact sleep || true)
  [ -n "$pid" ] && [ "$(sudo readlink "/proc/$pid/ns/mnt")" != "$seat" ] && exit 0
  sleep 0.05
done
exit 1
