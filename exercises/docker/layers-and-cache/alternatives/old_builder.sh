#!/usr/bin/env bash
# The old builder, and no ADD: one single step that fetches the archive, unpacks it and keeps nothing of it.
set -euo pipefail
server=$SEED_NAME-files

docker rm --force "$server" >/dev/null 2>&1 || true
docker run --detach --name "$server" --volume "$PWD:/www:ro" busybox:local httpd -f -h /www
address=$(docker inspect --format '{{.NetworkSettings.IPAddress}}' "$server")
wait_until curl --fail --silent --output /dev/null "http://$address/version.txt"

cat >Dockerfile <<END
FROM busybox:local
RUN mkdir /opt && cd /opt && wget -q -O - http://$address/dependencies.tar | tar -x
COPY version.txt /app/
END
echo "$SEED_FIRST" >version.txt
DOCKER_BUILDKIT=0 docker build --tag "$SEED_NAME:1" .
echo "$SEED_SECOND" >version.txt
DOCKER_BUILDKIT=0 docker build --tag "$SEED_NAME:2" .
docker rm --force "$server"
