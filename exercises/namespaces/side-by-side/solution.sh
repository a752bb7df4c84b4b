#!/usr/bin/env bash
# For each version a copy of its release's root with configuration and page, and a server in it, with its own network.
set -euo pipefail

serve() {
  local release=$1 word=$2
  answers "$word" && return

  # The root of the release, and in it what makes this server another one.
  [ -d "$release" ] || sudo cp --archive "/usr/lib/bancada/releases/$release" .
  sudo mkdir -p "$release/srv/$word"
  echo "H:/srv/$word" | sudo tee "$release/etc/httpd.conf"
  echo "<h1>$word</h1>" | sudo tee "$release/srv/$word/index.html"

  # In a new net namespace even the loopback is down.
  # shellcheck disable=SC2016 # the inner shell expands it
  setsid sudo unshare --net --mount sh -c '
    ip link set lo up
    exec chroot "$1" /bin/busybox httpd -f -p "$2"
  ' sh "$release" "$SEED_PORT" </dev/null >/dev/null 2>&1 &
  wait_until answers "$word"
}

answers() {
  for pid in $(pgrep --exact busybox); do
    sudo nsenter --target "$pid" --net curl --silent --max-time 1 "http://127.0.0.1:$SEED_PORT/" | grep --quiet "$1" && return
  done
  return 1
}

serve bookworm "$SEED_OLD"
serve trixie "$SEED_NEW"
