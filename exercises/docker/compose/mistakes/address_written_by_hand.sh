#!/usr/bin/env bash
# caught by: test_the_client_reaches_web_by_its_name
# web shows in client's hosts file as an address where nobody is: written in by hand, and out of date.
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
    extra_hosts: ["web:127.0.0.1"]
END
docker-compose --project-name "$SEED_NAME" up --detach
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
