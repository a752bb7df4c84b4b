#!/usr/bin/env bash
# caught by: test_the_reader_has_the_volume
# A slash too many: the source is a folder of the seat of the same name, not the volume.
set -euo pipefail

# shellcheck disable=SC2016 # the shell in the container expands it
docker run --rm --volume "$SEED_NAME:/data" busybox:local \
  sh -c 'echo "$1" >/data/diary.txt; hostname >>/data/diary.txt' sh "$SEED_WORD"
mkdir "$SEED_NAME"
docker run --detach --name "$SEED_NAME-reader" --volume "$PWD/$SEED_NAME:/data" --volume "$PWD/settings:/settings:ro" \
  busybox:local sleep 2147483647
echo "$SEED_WORD" >"$SEED_NAME/diary.txt"
