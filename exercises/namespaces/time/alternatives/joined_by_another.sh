#!/usr/bin/env bash
# A short-lived command makes the namespace; a service of systemd enters it, and goes on when the first one has ended.
set -euo pipefail
setsid sudo unshare --time --boottime "$((SEED_DAYS * 86400))" --fork sleep 20 </dev/null >/dev/null 2>&1 &
first=$!
wait_until pgrep --session "$first" --exact sleep
pid=$(pgrep --session "$first" --exact sleep)

sudo systemd-run --quiet nsenter --target "$pid" --time sleep infinity

joined() {
  for other in $(pgrep --full --exact 'sleep infinity'); do
    [ "$(sudo readlink "/proc/$other/ns/time")" = "$(sudo readlink "/proc/$pid/ns/time")" ] && return
  done
  return 1
}
wait_until joined
sudo kill "$pid"
