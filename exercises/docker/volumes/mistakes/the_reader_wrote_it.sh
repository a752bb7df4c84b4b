#!/usr/bin/env bash
# caught by: test_its_writer_was_a_container_that_is_gone
# There was never a first container: the one that runs wrote the diary itself.
set -euo pipefail

docker run --detach --name "$SEED_NAME-reader" --volume "$SEED_NAME:/data" --volume "$PWD/settings:/settings:ro" \
  busybox:local sleep 2147483647
# shellcheck disable=SC2016 # the shell in the container expands it
docker exec "$SEED_NAME-reader" sh -c 'echo "$1" >/data/diary.txt; hostname >>/data/diary.txt' sh "$SEED_WORD"
