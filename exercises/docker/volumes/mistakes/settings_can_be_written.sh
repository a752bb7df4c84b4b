#!/usr/bin/env bash
# caught by: test_the_settings_can_only_be_read
# A bind mount without ro: the container can change the settings of the seat.
set -euo pipefail

# shellcheck disable=SC2016 # the shell in the container expands it
docker run --rm --volume "$SEED_NAME:/data" busybox:local \
  sh -c 'echo "$1" >/data/diary.txt; hostname >>/data/diary.txt' sh "$SEED_WORD"
docker run --detach --name "$SEED_NAME-reader" --volume "$SEED_NAME:/data" --volume "$PWD/settings:/settings" \
  busybox:local sleep 2147483647
