#!/usr/bin/env bash
# The image itself says who its programs run as: whoever starts it cannot forget that.
set -euo pipefail
docker rm --force "$SEED_NAME" >/dev/null 2>&1 || true
mkdir -p build
printf '%s\n' "FROM busybox:local" "USER $SEED_UID:$SEED_UID" 'CMD ["sleep", "infinity"]' >build/Dockerfile
DOCKER_BUILDKIT=0 docker build --quiet --tag "$SEED_NAME:1" build >/dev/null 2>&1
docker run --detach --name "$SEED_NAME" --cap-drop ALL --security-opt no-new-privileges:true --read-only \
  "$SEED_NAME:1" >/dev/null
docker exec --detach "$SEED_NAME" sleep 86400
