#!/usr/bin/env bash
# caught by: test_its_writer_was_a_container_that_is_gone
# The diary was put into the volume's folder from outside, as root of the seat.
set -euo pipefail

docker volume create "$SEED_NAME"
place=$(docker volume inspect --format '{{.Mountpoint}}' "$SEED_NAME")
{ echo "$SEED_WORD"; hostname; } | sudo tee "$place/diary.txt"
docker run --detach --name "$SEED_NAME-reader" --volume "$SEED_NAME:/data" --volume "$PWD/settings:/settings:ro" \
  busybox:local sleep 2147483647
