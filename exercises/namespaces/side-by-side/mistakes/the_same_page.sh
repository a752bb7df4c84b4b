#!/usr/bin/env bash
# caught by: test_each_answers_with_its_own_page
# The page was copied from the old root into the new one along with the rest.
set -euo pipefail
root() { # RELEASE WORD: a copy of the root of a release, with configuration and page
  sudo cp --archive "/usr/lib/bancada/releases/$1" "$2"
  sudo mkdir -p "$2/srv/$2"
  echo "H:/srv/$2" | sudo tee "$2/etc/httpd.conf"
  echo "$2" | sudo tee "$2/srv/$2/index.html"
}
serve() { # ROOT: in namespaces of its own
  setsid sudo unshare --net --mount sh -c "
    ip link set lo up
    exec chroot $1 /bin/busybox httpd -f -p $SEED_PORT
  " </dev/null >/dev/null 2>&1 &
}
running() { [ "$(pgrep --exact --count busybox)" -eq "$1" ]; }
root bookworm "$SEED_OLD"
root trixie "$SEED_NEW"
sudo cp "$SEED_OLD/srv/$SEED_OLD/index.html" "$SEED_NEW/srv/$SEED_NEW/index.html"
serve "$SEED_OLD"
serve "$SEED_NEW"
wait_until running 2
