#!/usr/bin/env bash
# caught by: test_the_file_holds_a_uts_namespace
# unshare --mount makes all mounts private, so that this one never comes to the seat, and ends with the shell.
set -euo pipefail
touch room
# shellcheck disable=SC2016 # the inner shell expands it
sudo unshare --uts --mount sh -c 'hostname "$1" && mount --bind /proc/self/ns/uts room' sh "$SEED_HOSTNAME"
