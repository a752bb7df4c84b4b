#!/usr/bin/env bash
# caught by: test_the_reader_has_the_volume
# The reader has a tmpfs at /data, with a copy of the diary in it.
set -euo pipefail

# shellcheck disable=SC2016 # the shell in the container expands it
docker run --rm --volume "$SEED_NAME:/data" busybox:local \
  sh -c 'echo "$1" >/data/diary.txt; hostname >>/data/diary.txt' sh "$SEED_WORD"
docker run --detach --name "$SEED_NAME-reader" --tmpfs /data --volume "$PWD/settings:/settings:ro" \
  busybox:local sleep 2147483647
# shellcheck disable=SC2016 # the shell in the container expands it
docker exec "$SEED_NAME-reader" sh -c 'echo "$1" >/data/diary.txt' sh "$SEED_WORD"
