#!/usr/bin/env bash
# caught by: test_both_services_of_the_project_are_running
# Network and containers made by hand, so that nobody has it written down how they belong together.
set -euo pipefail

mkdir -p www
echo "$SEED_WORD" >www/index.html
docker network create "$SEED_NAME"
docker run --detach --name "$SEED_NAME-web" --network "$SEED_NAME" --network-alias web --volume "$PWD/www:/www:ro" \
  --publish "$SEED_PORT:80" busybox:local httpd -f -h /www
docker run --detach --name "$SEED_NAME-client" --network "$SEED_NAME" busybox:local sleep 2147483647
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
