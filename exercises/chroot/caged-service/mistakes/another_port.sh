#!/usr/bin/env bash
# caught by: test_the_page_with_the_word_is_served
# Well caged, but on the port that everybody uses.
set -euo pipefail
mkdir -p cage/bin
cp /bin/busybox cage/bin/
cp --archive site cage/www
setsid sudo chroot cage /bin/busybox httpd -f -p 8080 -h /www </dev/null >/dev/null 2>&1 &
wait_until curl --fail --silent http://127.0.0.1:8080/
