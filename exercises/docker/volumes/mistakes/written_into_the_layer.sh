#!/usr/bin/env bash
# caught by: test_the_volume_holds_the_diary
# The volume is mounted at /data, but the diary was written beside it, into the layer of the container.
set -euo pipefail

# shellcheck disable=SC2016 # the shell in the container expands it
docker run --rm --volume "$SEED_NAME:/data" busybox:local \
  sh -c 'echo "$1" >/diary.txt; hostname >>/diary.txt' sh "$SEED_WORD"
docker run --detach --name "$SEED_NAME-reader" --volume "$SEED_NAME:/data" --volume "$PWD/settings:/settings:ro" \
  busybox:local sleep 2147483647
