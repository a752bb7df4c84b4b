#!/usr/bin/env bash
# caught by: test_each_version_has_the_dependencies
# COPY brings the archive as it is; nobody unpacked it.
set -euo pipefail

cat >Dockerfile <<'END'
FROM busybox:local
COPY dependencies.tar /opt/dependencies/
COPY version.txt /app/version.txt
END
echo "$SEED_FIRST" >version.txt
docker build --tag "$SEED_NAME:1" .
echo "$SEED_SECOND" >version.txt
docker build --tag "$SEED_NAME:2" .
