#!/usr/bin/env bash
# Without a cache: the dependencies are an image of their own, committed from a container, and both versions stand on it.
set -euo pipefail
base=$SEED_NAME-base

docker rm --force "$base" >/dev/null 2>&1 || true
docker create --name "$base" busybox:local
mkdir -p opt
tar --extract --file dependencies.tar --directory opt
docker cp opt "$base:/"
docker commit "$base" "$base:1"
docker rm "$base"

for version in "1 $SEED_FIRST" "2 $SEED_SECOND"; do
  docker run --name "$base" "$base:1" sh -c 'mkdir /app && echo "$1" >/app/version.txt' sh "${version#* }"
  docker commit --change 'CMD ["cat", "/app/version.txt"]' "$base" "$SEED_NAME:${version% *}"
  docker rm "$base"
done
