#!/usr/bin/env bash
# caught by: test_the_file_holds_a_uts_namespace
# The namespace is there and named, but it is a process that keeps it; the file is a file.
set -euo pipefail
touch room
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --uts sh -c 'hostname "$1" && exec sleep infinity' sh "$SEED_HOSTNAME" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "sleep infinity"
