#!/usr/bin/env bash
# caught by: test_they_share_a_net_namespace_of_their_own
# Both are in one Docker network: two net namespaces, each with a localhost of its own.
set -euo pipefail
server=$SEED_NAME-server client=$SEED_NAME-client
docker network create "$SEED_NAME" >/dev/null
# shellcheck disable=SC2016 # the shell of the container expands it
docker run --detach --name "$server" --network "$SEED_NAME" busybox:local \
  sh -c 'mkdir /www && echo "$1" >/www/index.html && exec httpd -f -p "127.0.0.1:$2" -h /www' \
  sh "$SEED_WORD" "$SEED_PORT" >/dev/null
docker run --detach --name "$client" --network "$SEED_NAME" --pid "container:$server" busybox:local sleep infinity >/dev/null
wait_until docker exec "$server" wget -q -O /www/page "http://127.0.0.1:$SEED_PORT/"
docker exec "$server" cat /www/page | docker exec --interactive "$client" sh -c 'cat >/page'
