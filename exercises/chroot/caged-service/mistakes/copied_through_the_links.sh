#!/usr/bin/env bash
# caught by: test_no_file_outside_is_given_away
# cp follows the links that the shell names for it: the notes themselves were copied into the cage.
set -euo pipefail
mkdir -p cage/bin cage/www
cp /bin/busybox cage/bin/
cp site/* cage/www/
setsid sudo chroot cage /bin/busybox httpd -f -p "$SEED_PORT" -h /www </dev/null >/dev/null 2>&1 &
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
