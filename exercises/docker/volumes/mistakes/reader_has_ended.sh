#!/usr/bin/env bash
# caught by: test_the_reader_has_the_volume
# The reader printed the diary, and ended.
set -euo pipefail

gone() { [ "$(docker inspect --format '{{.State.Status}}' "$SEED_NAME-reader")" = exited ]; }
# shellcheck disable=SC2016 # the shell in the container expands it
docker run --rm --volume "$SEED_NAME:/data" busybox:local \
  sh -c 'echo "$1" >/data/diary.txt; hostname >>/data/diary.txt' sh "$SEED_WORD"
docker run --detach --name "$SEED_NAME-reader" --volume "$SEED_NAME:/data" --volume "$PWD/settings:/settings:ro" \
  busybox:local cat /data/diary.txt
wait_until gone
