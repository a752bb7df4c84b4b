#!/usr/bin/env bash
# caught by: test_no_layer_still_has_the_archive
# The archive was deleted in a step of its own: hidden from then on, but still in the layer below.
set -euo pipefail

cat >Dockerfile <<'END'
FROM busybox:local
COPY dependencies.tar /tmp/
RUN mkdir /opt && tar -x -f /tmp/dependencies.tar -C /opt
RUN rm /tmp/dependencies.tar
COPY version.txt /app/version.txt
END
echo "$SEED_FIRST" >version.txt
docker build --tag "$SEED_NAME:1" .
echo "$SEED_SECOND" >version.txt
docker build --tag "$SEED_NAME:2" .
