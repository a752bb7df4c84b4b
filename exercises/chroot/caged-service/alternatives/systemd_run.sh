#!/usr/bin/env bash
# A transient service: systemd makes the root, and the site is mounted into it.
set -euo pipefail

mkdir -p cell/bin cell/www
[ -e cell/bin/busybox ] || cp /bin/busybox cell/bin/
sudo systemd-run --quiet --collect --property=RootDirectory="$PWD/cell" --property=BindReadOnlyPaths="$PWD/site:/www" \
  /bin/busybox httpd -f -p "$SEED_PORT" -h /www

wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
