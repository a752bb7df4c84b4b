#!/usr/bin/env bash
# caught by: test_both_listen_on_the_same_port_in_net_namespaces_of_their_own
# Two roots but one network, so the second server was given another port.
set -euo pipefail
root() { # RELEASE WORD: a copy of the root of a release, with configuration and page
  sudo cp --archive "/usr/lib/bancada/releases/$1" "$2"
  sudo mkdir -p "$2/srv/$2"
  echo "H:/srv/$2" | sudo tee "$2/etc/httpd.conf"
  echo "$2" | sudo tee "$2/srv/$2/index.html"
}
root bookworm "$SEED_OLD"
root trixie "$SEED_NEW"
setsid sudo chroot "$SEED_OLD" /bin/busybox httpd -f -p "$SEED_PORT" </dev/null >/dev/null 2>&1 &
setsid sudo chroot "$SEED_NEW" /bin/busybox httpd -f -p "$((SEED_PORT + 1))" </dev/null >/dev/null 2>&1 &
wait_until curl --silent "http://127.0.0.1:$SEED_PORT/"
wait_until curl --silent "http://127.0.0.1:$((SEED_PORT + 1))/"
