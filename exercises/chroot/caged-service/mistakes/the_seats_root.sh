#!/usr/bin/env bash
# caught by: test_the_process_that_listens_has_its_root_in_the_folder
# So that every program is at hand in the cage, the seat's own root directory was mounted there, and the site into it.
set -euo pipefail
mkdir -p cage
sudo mount --bind --make-private / cage
sudo mount --bind site cage/srv
setsid sudo chroot cage /bin/busybox httpd -f -p "$SEED_PORT" -h /srv </dev/null >/dev/null 2>&1 &
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
