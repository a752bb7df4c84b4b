#!/usr/bin/env bash
# caught by: test_its_root_file_system_is_read_only
# A read-only volume is mounted; the root itself can still be written to.
set -euo pipefail
mkdir -p data
docker run --detach --name "$SEED_NAME" --user "$SEED_UID" --cap-drop ALL --security-opt no-new-privileges \
  --volume "$PWD/data:/data:ro" busybox:local sleep infinity >/dev/null
