#!/usr/bin/env bash
# Another stage unpacks; the image takes over what came out of it, and nothing of the way there.
set -euo pipefail

cat >Dockerfile <<'END'
FROM busybox:local AS unpacked
COPY dependencies.tar /tmp/
RUN tar -x -f /tmp/dependencies.tar -C /tmp

FROM busybox:local
COPY --from=unpacked /tmp/dependencies /opt/dependencies
ARG version
RUN mkdir /app && echo "$version" >/app/version.txt
END
docker build --tag "$SEED_NAME:1" --build-arg "version=$SEED_FIRST" .
docker build --tag "$SEED_NAME:2" --build-arg "version=$SEED_SECOND" .
