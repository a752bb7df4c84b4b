#!/usr/bin/env bash
# A transient service: systemd gives it a mount namespace in which the directory is a tmpfs.
set -euo pipefail

# shellcheck disable=SC2016 # the inner shell expands it
sudo systemd-run --quiet --collect --property=TemporaryFileSystem="$PWD/room" \
  sh -c 'echo "$1" >"$2/word" && exec sleep 1d' sh "$SEED_WORD" "$PWD/room"

wait_until pgrep --full --exact 'sleep 1d'
