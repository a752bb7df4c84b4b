#!/usr/bin/env bash
# caught by: test_web_is_published_on_the_port
# Only the port inside was named; Docker took any free one of the bench.
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
    ports: ["80"]
  client:
    image: busybox:local
    command: sleep 2147483647
END
docker-compose --project-name "$SEED_NAME" up --detach
wait_until docker-compose --project-name "$SEED_NAME" exec -T client wget -q -O - http://web/
