#!/usr/bin/env bash
# caught by: test_all_its_processes_run_as_that_user
# The container is fine, but then somebody went in as root to look at it, and stayed.
set -euo pipefail
docker run --detach --name "$SEED_NAME" --user "$SEED_UID" --cap-drop ALL --security-opt no-new-privileges \
  --read-only busybox:local sleep infinity >/dev/null
docker exec --detach --user 0 "$SEED_NAME" sleep 86400
