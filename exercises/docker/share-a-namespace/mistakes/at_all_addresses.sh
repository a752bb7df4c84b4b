#!/usr/bin/env bash
# caught by: test_the_server_serves_the_word_only_at_localhost
# The server listens at all addresses, and so serves the other containers of the seat too.
set -euo pipefail
server=$SEED_NAME-server client=$SEED_NAME-client
# shellcheck disable=SC2016 # the shell of the container expands it
docker run --detach --name "$server" busybox:local \
  sh -c 'mkdir /www && echo "$1" >/www/index.html && exec httpd -f -p "$2" -h /www' \
  sh "$SEED_WORD" "$SEED_PORT" >/dev/null
docker run --detach --name "$client" --network "container:$server" --pid "container:$server" \
  busybox:local sleep infinity >/dev/null
wait_until docker exec "$client" wget -q -O /page "http://127.0.0.1:$SEED_PORT/"
