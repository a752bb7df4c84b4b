#!/usr/bin/env bash
# A cage with the site in it, links as links, and one static program; the service is started as that cage's program.
set -euo pipefail

mkdir -p cage/bin
[ -e cage/bin/busybox ] || cp /bin/busybox cage/bin/
[ -e cage/www ] || cp --archive site cage/www

# Not as root: the cage does not hold a root for long. Where it runs already, the second one finds the port taken.
# By number, for the cage has no /etc/passwd in which the name could be looked up.
me=$(id -u):$(id -g)
setsid sudo chroot --userspec="$me" --groups= cage /bin/busybox httpd -f -p "$SEED_PORT" -h /www \
  </dev/null >/dev/null 2>&1 &

wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
