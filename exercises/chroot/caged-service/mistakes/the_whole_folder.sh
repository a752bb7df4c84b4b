#!/usr/bin/env bash
# caught by: test_no_file_outside_is_given_away
# The whole folder is the root: the site is in it, and the notes beside it are, too.
set -euo pipefail
cp /bin/busybox .
setsid sudo chroot . /busybox httpd -f -p "$SEED_PORT" -h /site </dev/null >/dev/null 2>&1 &
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
