#!/usr/bin/env bash
# No chroot at all: in a mount namespace of its own each server has another /etc and /srv in the seat's root.
set -euo pipefail

serve() {
  local release=$1 word=$2
  # shellcheck disable=SC2016 # the inner shell expands it
  setsid sudo unshare --net --mount sh -c '
    ip link set lo up
    mount -t tmpfs tmpfs /etc
    mount -t tmpfs tmpfs /srv
    mkdir "/srv/$2"
    echo "H:/srv/$2" >/etc/httpd.conf
    echo "$2" >"/srv/$2/index.html"
    exec "/usr/lib/bancada/releases/$1/bin/busybox" httpd -f -p "$3"
  ' sh "$release" "$word" "$SEED_PORT" </dev/null >/dev/null 2>&1 &
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
