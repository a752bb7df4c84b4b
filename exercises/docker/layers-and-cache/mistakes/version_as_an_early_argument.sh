#!/usr/bin/env bash
# caught by: test_the_versions_share_the_layer_of_the_dependencies
# An argument that a step could use is part of it, so that a new value means a new step.
set -euo pipefail

cat >Dockerfile <<'END'
FROM busybox:local
ARG version
RUN mkdir /app && echo "$version" >/app/version.txt
ADD dependencies.tar /opt/
END
docker build --tag "$SEED_NAME:1" --build-arg "version=$SEED_FIRST" .
docker build --tag "$SEED_NAME:2" --build-arg "version=$SEED_SECOND" .
