#!/usr/bin/env bash
# caught by: test_each_reads_its_own_configuration_at_the_same_path
# Each has a network of its own, but both see the seat's files, and so they read the same configuration.
set -euo pipefail
sudo mkdir -p "/srv/$SEED_OLD"
echo "$SEED_OLD $SEED_NEW" | sudo tee "/srv/$SEED_OLD/index.html"
echo "H:/srv/$SEED_OLD" | sudo tee /etc/httpd.conf
for release in bookworm trixie; do
  # shellcheck disable=SC2016 # the inner shell expands it
  setsid sudo unshare --net sh -c 'ip link set lo up; exec "$@"' sh \
    "/usr/lib/bancada/releases/$release/bin/busybox" httpd -f -p "$SEED_PORT" </dev/null >/dev/null 2>&1 &
done
running() { [ "$(pgrep --exact --count busybox)" -eq 2 ]; }
wait_until running
