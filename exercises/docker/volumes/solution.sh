#!/usr/bin/env bash
# One container writes and is gone; the next one finds what was written, in the volume that belongs to neither.
set -euo pipefail
name=$SEED_NAME

docker rm --force "$name-reader" >/dev/null 2>&1 || true
docker volume create "$name"
# shellcheck disable=SC2016 # the shell in the container expands it
docker run --rm --volume "$name:/data" busybox:local \
  sh -c 'echo "$1" >/data/diary.txt; hostname >>/data/diary.txt' sh "$SEED_WORD"

docker run --detach --name "$name-reader" --volume "$name:/data" --volume "$PWD/settings:/settings:ro" \
  busybox:local sleep 2147483647
wait_until docker exec "$name-reader" cat /data/diary.txt /settings/app.conf
