#!/usr/bin/env bash
# Without a Dockerfile: a container is made and changed by hand, and what it has become is committed as an image.
set -euo pipefail
name=$SEED_NAME

docker rm --force "$name" >/dev/null 2>&1 || true
docker run --name "$name" busybox:local sh -c 'mkdir /www && echo "$1" >/www/index.html' sh "$SEED_WORD"
docker commit --change "LABEL org.opencontainers.image.title=$name" --change 'EXPOSE 80' \
  --change 'CMD ["httpd", "-f", "-p", "80", "-h", "/www"]' "$name" "$name:1"

docker rm "$name"
docker run --detach --name "$name" --publish "$SEED_PORT:80" "$name:1"
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
