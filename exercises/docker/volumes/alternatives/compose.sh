#!/usr/bin/env bash
# Both containers, the volume and the folder written down in one file, of which compose makes them.
set -euo pipefail

cat >docker-compose.yml <<END
version: "3.7"
services:
  writer:
    image: busybox:local
    command: sh -c 'echo $SEED_WORD >/data/diary.txt; hostname >>/data/diary.txt'
    volumes: ["diary:/data"]
  reader:
    image: busybox:local
    container_name: $SEED_NAME-reader
    command: sleep 2147483647
    volumes: ["diary:/data", "./settings:/settings:ro"]
volumes:
  diary:
    name: $SEED_NAME
END
docker-compose --project-name "$SEED_NAME" run --rm -T writer </dev/null # else it would read the rest of this script
docker-compose --project-name "$SEED_NAME" up --detach reader
wait_until docker exec "$SEED_NAME-reader" cat /data/diary.txt /settings/app.conf
