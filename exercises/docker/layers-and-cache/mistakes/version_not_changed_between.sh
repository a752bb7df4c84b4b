#!/usr/bin/env bash
# caught by: test_each_version_says_which_it_is
# Built twice, but version.txt was not changed in between.
set -euo pipefail

cat >Dockerfile <<'END'
FROM busybox:local
ADD dependencies.tar /opt/
COPY version.txt /app/version.txt
END
docker build --tag "$SEED_NAME:1" .
docker build --tag "$SEED_NAME:2" --label version=2 .
