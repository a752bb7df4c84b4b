#!/usr/bin/env bash
# The long way of writing it, step by step; the writer is removed by hand, and the reader cannot write to the volume.
set -euo pipefail
name=$SEED_NAME

docker rm --force "$name-reader" "$name-writer" >/dev/null 2>&1 || true
# shellcheck disable=SC2016 # the shell in the container expands it
docker create --name "$name-writer" --hostname "$name-writer" --mount "type=volume,source=$name,target=/data" \
  busybox:local sh -c 'printf "%s\n" "$1" "$(hostname)" >/data/diary.txt' sh "$SEED_WORD"
docker start --attach "$name-writer"
docker rm "$name-writer"

docker run --detach --name "$name-reader" --mount "type=volume,source=$name,target=/data,readonly" \
  --mount "type=bind,source=$PWD/settings,target=/settings,readonly" busybox:local tail -f /dev/null
wait_until docker exec "$name-reader" cat /data/diary.txt /settings/app.conf
