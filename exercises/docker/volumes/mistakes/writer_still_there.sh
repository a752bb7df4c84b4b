#!/usr/bin/env bash
# caught by: test_its_writer_was_a_container_that_is_gone
# The writer has ended, but nobody removed it: it is still there, with its layer.
set -euo pipefail

# shellcheck disable=SC2016 # the shell in the container expands it
docker run --volume "$SEED_NAME:/data" busybox:local \
  sh -c 'echo "$1" >/data/diary.txt; hostname >>/data/diary.txt' sh "$SEED_WORD"
docker run --detach --name "$SEED_NAME-reader" --volume "$SEED_NAME:/data" --volume "$PWD/settings:/settings:ro" \
  busybox:local sleep 2147483647
