#!/usr/bin/env bash
# caught by: test_each_reads_its_own_configuration_at_the_same_path
# Each has a configuration of its own, but at another path, which it was told by -c.
set -euo pipefail
serve() {
  local release=$1 word=$2
  sudo mkdir -p "/srv/$word"
  echo "$word" | sudo tee "/srv/$word/index.html"
  echo "H:/srv/$word" >"$release.conf"
  # shellcheck disable=SC2016 # the inner shell expands it
  setsid sudo unshare --net sh -c 'ip link set lo up; exec "$@"' sh \
    "/usr/lib/bancada/releases/$release/bin/busybox" httpd -f -p "$SEED_PORT" -c "$release.conf" </dev/null >/dev/null 2>&1 &
}
serve bookworm "$SEED_OLD"
serve trixie "$SEED_NEW"
running() { [ "$(pgrep --exact --count busybox)" -eq 2 ]; }
wait_until running
