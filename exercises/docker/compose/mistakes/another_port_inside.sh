#!/usr/bin/env bash
# caught by: test_the_client_reaches_web_by_its_name
# The server listens on 8080: published it looks right, but the client finds nobody on port 80.
set -euo pipefail

mkdir -p www
echo "$SEED_WORD" >www/index.html
cat >docker-compose.yml <<END
version: "3.7"
services:
  web:
    image: busybox:local
    command: httpd -f -p 8080 -h /www
    volumes: ["./www:/www:ro"]
    ports: ["$SEED_PORT:8080"]
  client:
    image: busybox:local
    command: sleep 2147483647
END
docker-compose --project-name "$SEED_NAME" up --detach
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
