#!/usr/bin/env bash
# caught by: test_they_share_a_net_namespace_of_their_own
# Both were given the network of the host, which is everybody's.
set -euo pipefail
server=$SEED_NAME-server client=$SEED_NAME-client
# shellcheck disable=SC2016 # the shell of the container expands it
docker run --detach --name "$server" --network host busybox:local \
  sh -c 'mkdir /www && echo "$1" >/www/index.html && exec httpd -f -p "127.0.0.1:$2" -h /www' \
  sh "$SEED_WORD" "$SEED_PORT" >/dev/null
docker run --detach --name "$client" --network host --pid "container:$server" busybox:local sleep infinity >/dev/null
wait_until docker exec "$client" wget -q -O /page "http://127.0.0.1:$SEED_PORT/"
