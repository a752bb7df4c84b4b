#!/usr/bin/env bash
# caught by: test_the_volume_holds_the_diary
# Only a path was given, so that Docker made a nameless volume, which went with its container.
set -euo pipefail

docker volume create "$SEED_NAME"
# shellcheck disable=SC2016 # the shell in the container expands it
docker run --rm --volume "/data" busybox:local \
  sh -c 'echo "$1" >/data/diary.txt; hostname >>/data/diary.txt' sh "$SEED_WORD"
docker run --detach --name "$SEED_NAME-reader" --volume "$SEED_NAME:/data" --volume "$PWD/settings:/settings:ro" \
  busybox:local sleep 2147483647
