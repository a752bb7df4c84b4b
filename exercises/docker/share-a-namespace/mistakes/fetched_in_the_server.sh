#!/usr/bin/env bash
# caught by: test_the_client_has_the_page_in_files_of_its_own
# The page was fetched in the server: the client shares its network, but not its files.
set -euo pipefail
server=$SEED_NAME-server client=$SEED_NAME-client
# shellcheck disable=SC2016 # the shell of the container expands it
docker run --detach --name "$server" busybox:local \
  sh -c 'mkdir /www && echo "$1" >/www/index.html && exec httpd -f -p "127.0.0.1:$2" -h /www' \
  sh "$SEED_WORD" "$SEED_PORT" >/dev/null
docker run --detach --name "$client" --network "container:$server" --pid "container:$server" \
  busybox:local sleep infinity >/dev/null
wait_until docker exec "$server" wget -q -O /page "http://127.0.0.1:$SEED_PORT/"
