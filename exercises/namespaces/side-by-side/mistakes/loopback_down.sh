#!/usr/bin/env bash
# caught by: test_each_answers_with_its_own_page
# Namespaces, roots and configurations are right; but nobody set the loopbacks up, so neither can be asked.
set -euo pipefail
root() { # RELEASE WORD: a copy of the root of a release, with configuration and page
  sudo cp --archive "/usr/lib/bancada/releases/$1" "$2"
  sudo mkdir -p "$2/srv/$2"
  echo "H:/srv/$2" | sudo tee "$2/etc/httpd.conf"
  echo "$2" | sudo tee "$2/srv/$2/index.html"
}
running() { [ "$(pgrep --exact --count busybox)" -eq "$1" ]; }
root bookworm "$SEED_OLD"
root trixie "$SEED_NEW"
setsid sudo unshare --net chroot "$SEED_OLD" /bin/busybox httpd -f -p "$SEED_PORT" </dev/null >/dev/null 2>&1 &
setsid sudo unshare --net chroot "$SEED_NEW" /bin/busybox httpd -f -p "$SEED_PORT" </dev/null >/dev/null 2>&1 &
wait_until running 2
