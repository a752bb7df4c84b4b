#!/usr/bin/env bash
# As Kubernetes does it: a third container does nothing but hold the namespaces, and both come into them.
set -euo pipefail
docker rm --force "$SEED_NAME"-{client,server,pause} >/dev/null 2>&1 || true
docker run --detach --name "$SEED_NAME-pause" busybox:local sleep infinity >/dev/null
into=(--network "container:$SEED_NAME-pause" --pid "container:$SEED_NAME-pause")

mkdir -p www
echo "<p>$SEED_WORD</p>" >www/index.html
docker run --detach --name "$SEED_NAME-server" "${into[@]}" --volume "$PWD/www:/www:ro" busybox:local \
  httpd -f -p "127.0.0.1:$SEED_PORT" -h /www >/dev/null
# shellcheck disable=SC2016 # the shell of the container expands it
docker run --detach --name "$SEED_NAME-client" "${into[@]}" busybox:local \
  sh -c 'until wget -q -O /page "http://localhost:$1/"; do sleep 0.1; done; exec sleep infinity' sh "$SEED_PORT" >/dev/null
wait_until docker exec "$SEED_NAME-client" grep -q "$SEED_WORD" /page
