#!/usr/bin/env bash
# caught by: test_each_version_says_which_it_is
# docker tag gives the first version a second name.
set -euo pipefail

cat >Dockerfile <<'END'
FROM busybox:local
ADD dependencies.tar /opt/
COPY version.txt /app/version.txt
END
docker build --tag "$SEED_NAME:1" .
docker tag "$SEED_NAME:1" "$SEED_NAME:2"
