#!/usr/bin/env bash
# caught by: test_both_services_of_the_project_are_running
# The client asks once, and ends.
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
    command: wget -q -O - http://web/
END
ended() { [ -n "$(docker ps --quiet --filter status=exited --filter "label=com.docker.compose.project=$SEED_NAME")" ]; }
docker-compose --project-name "$SEED_NAME" up --detach
wait_until ended
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
