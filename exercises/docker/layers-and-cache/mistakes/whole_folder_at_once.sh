#!/usr/bin/env bash
# caught by: test_the_versions_share_the_layer_of_the_dependencies
# COPY of the whole folder: whichever file changes, everything is copied again.
set -euo pipefail

cat >Dockerfile <<'END'
FROM busybox:local
COPY . /tmp/folder
RUN mkdir /app /opt && cp /tmp/folder/version.txt /app/ && tar -x -f /tmp/folder/dependencies.tar -C /opt && rm -r /tmp/folder
END
echo "$SEED_FIRST" >version.txt
docker build --tag "$SEED_NAME:1" .
echo "$SEED_SECOND" >version.txt
docker build --tag "$SEED_NAME:2" .
