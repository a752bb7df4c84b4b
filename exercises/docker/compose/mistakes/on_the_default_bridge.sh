#!/usr/bin/env bash
# caught by: test_the_services_share_a_network_of_the_project
# On the bridge that Docker always has, as with docker run: there no name leads anywhere.
set -euo pipefail

mkdir -p www
echo "$SEED_WORD" >www/index.html
cat >docker-compose.yml <<END
version: "3.7"
services:
  web:
    image: busybox:local
    command: httpd -f -p 80 -h /www
    network_mode: bridge
    volumes: ["./www:/www:ro"]
    ports: ["$SEED_PORT:80"]
  client:
    image: busybox:local
    command: sleep 2147483647
    network_mode: bridge
END
docker-compose --project-name "$SEED_NAME" up --detach
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
