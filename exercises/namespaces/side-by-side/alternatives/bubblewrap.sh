#!/usr/bin/env bash
# Without sudo: bwrap puts a root together out of mounts, in a user namespace; it sets the loopback up by itself.
set -euo pipefail

serve() {
  local release=/usr/lib/bancada/releases/$1 word=$2
  mkdir -p "$word"
  echo "H:/srv/$word" >"$word.conf"
  echo "$word" >"$word/index.html"
  setsid bwrap --unshare-net --ro-bind "$release/usr" /usr --symlink usr/bin /bin \
    --ro-bind "$word.conf" /etc/httpd.conf --ro-bind "$word" "/srv/$word" --chdir / \
    /bin/busybox httpd -f -p "127.0.0.1:$SEED_PORT" </dev/null >/dev/null 2>&1 &
  answers() {
    for pid in $(pgrep --exact busybox); do
      sudo nsenter --target "$pid" --net curl --silent "http://127.0.0.1:$SEED_PORT/" | grep --quiet "$word" && return
    done
    return 1
  }
  wait_until answers
}

serve bookworm "$SEED_OLD"
serve trixie "$SEED_NEW"
