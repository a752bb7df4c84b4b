#!/usr/bin/env bash
# caught by: test_the_versions_share_the_layer_of_the_dependencies
# The file that changes stands above the heavy step, which therefore is done again each time.
set -euo pipefail

cat >Dockerfile <<'END'
FROM busybox:local
COPY version.txt /app/version.txt
ADD dependencies.tar /opt/
END
echo "$SEED_FIRST" >version.txt
docker build --tag "$SEED_NAME:1" .
echo "$SEED_SECOND" >version.txt
docker build --tag "$SEED_NAME:2" .
