#!/usr/bin/env bash
# One file that says what there shall be; compose makes it so, however often it is asked.
set -euo pipefail

mkdir -p www
echo "$SEED_WORD" >www/index.html
cat >docker-compose.yml <<END
version: "3.7"
services:
  web:
    image: busybox:local
    command: httpd -f -p 80 -h /www
    volumes: ["./www:/www:ro"]
    ports: ["$SEED_PORT:80"]
  client:
    image: busybox:local
    command: sleep 2147483647
END
docker-compose --project-name "$SEED_NAME" up --detach # where there is compose 2, docker compose is the same
wait_until docker-compose --project-name "$SEED_NAME" exec -T client wget -q -O - http://web/
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
