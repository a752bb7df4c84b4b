#!/usr/bin/env bash
# What seldom changes first: ADD unpacks the archive into a layer of its own, and the version comes on top of it.
set -euo pipefail

cat >Dockerfile <<'END'
FROM busybox:local
ADD dependencies.tar /opt/
COPY version.txt /app/version.txt
CMD ["cat", "/app/version.txt"]
END

echo "$SEED_FIRST" >version.txt
docker build --tag "$SEED_NAME:1" .
echo "$SEED_SECOND" >version.txt
docker build --tag "$SEED_NAME:2" . # ADD comes from the cache
