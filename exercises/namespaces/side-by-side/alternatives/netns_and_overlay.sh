#!/usr/bin/env bash
# As Docker does it: the release's root stays as it is, and what is changed lies in a layer on top of it.
set -euo pipefail

serve() {
  local release=$1 word=$2
  mkdir -p "$word"/{top/etc,"top/srv/$word",work,root}
  echo "H:/srv/$word" >"$word/top/etc/httpd.conf"
  echo "$word" >"$word/top/srv/$word/index.html"
  sudo mount -t overlay overlay -o "lowerdir=/usr/lib/bancada/releases/$release,upperdir=$word/top,workdir=$word/work" "$word/root"
  sudo ip netns add "$word"
  sudo ip -n "$word" link set lo up
  setsid sudo ip netns exec "$word" chroot "$word/root" /bin/httpd -f -p "$SEED_PORT" </dev/null >/dev/null 2>&1 &
  wait_until sudo ip netns exec "$word" curl --silent --fail "http://127.0.0.1:$SEED_PORT/"
}

serve bookworm "$SEED_OLD"
serve trixie "$SEED_NEW"
