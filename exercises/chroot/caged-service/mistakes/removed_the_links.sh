#!/usr/bin/env bash
# caught by: test_the_links_are_still_in_the_site
# The links were taken out of the site, as if nobody could ever put another one there.
set -euo pipefail
mkdir -p cage/bin cage/www
cp /bin/busybox cage/bin/
cp site/index.html cage/www/
setsid sudo chroot cage /bin/busybox httpd -f -p "$SEED_PORT" -h /www </dev/null >/dev/null 2>&1 &
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
