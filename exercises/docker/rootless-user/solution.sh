#!/usr/bin/env bash
# All of it is said at the start, so that it goes for every process of the container.
set -euo pipefail
name=$SEED_NAME

docker rm --force "$name" >/dev/null 2>&1 || true
docker run --detach --name "$name" --user "$SEED_UID" --cap-drop ALL --security-opt no-new-privileges \
  --read-only --tmpfs /tmp busybox:local sleep infinity >/dev/null
