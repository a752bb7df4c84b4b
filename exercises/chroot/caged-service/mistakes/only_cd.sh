#!/usr/bin/env bash
# caught by: test_the_process_that_listens_has_its_root_in_the_folder
# cd for chroot: the service stands in the cage, but its root is the seat's.
set -euo pipefail
mkdir -p cage/bin
cp /bin/busybox cage/bin/
cp --archive site cage/www
cd cage
setsid bin/busybox httpd -f -p "$SEED_PORT" -h www </dev/null >/dev/null 2>&1 &
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
