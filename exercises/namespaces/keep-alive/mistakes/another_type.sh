#!/usr/bin/env bash
# caught by: test_the_file_holds_a_uts_namespace
# A namespace is kept, but of ipc: the wrong file under /proc/PID/ns was mounted.
set -euo pipefail
touch room
# shellcheck disable=SC2016 # the inner shell expands it
sudo unshare --uts --ipc sh -c 'hostname "$1" && mount --bind /proc/self/ns/ipc room' sh "$SEED_HOSTNAME"
