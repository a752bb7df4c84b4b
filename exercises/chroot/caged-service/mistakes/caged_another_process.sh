#!/usr/bin/env bash
# caught by: test_the_process_that_listens_has_its_root_in_the_folder
# The service was started first; chroot afterwards puts only a new process into the cage.
set -euo pipefail
mkdir -p cage/bin
cp /bin/busybox cage/bin/
cp --archive site cage/www
setsid busybox httpd -f -p "$SEED_PORT" -h cage/www </dev/null >/dev/null 2>&1 &
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
setsid sudo chroot cage /bin/busybox sleep 1d </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact '/bin/busybox sleep 1d'
