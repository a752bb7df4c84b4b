#!/usr/bin/env bash
# caught by: test_the_page_with_the_word_is_served
# In the cage there is no such path as the seat's: the service serves the cage's root, where there is no page.
set -euo pipefail
mkdir -p cage/bin
cp /bin/busybox cage/bin/
cp --archive site cage/www
setsid sudo chroot cage /bin/busybox httpd -f -p "$SEED_PORT" -h / </dev/null >/dev/null 2>&1 &
wait_until curl --silent "http://127.0.0.1:$SEED_PORT/"
