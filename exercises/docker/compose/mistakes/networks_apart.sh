#!/usr/bin/env bash
# caught by: test_the_services_share_a_network_of_the_project
# Each service got a network of its own, for the sake of order.
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
    networks: [front]
  client:
    image: busybox:local
    command: sleep 2147483647
    networks: [back]
networks:
  front:
  back:
END
docker-compose --project-name "$SEED_NAME" up --detach
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
