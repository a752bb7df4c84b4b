#!/usr/bin/env bash
# caught by: test_all_its_processes_run_as_that_user
# The user was only said to docker exec; the first process is root's.
set -euo pipefail
docker run --detach --name "$SEED_NAME" --cap-drop ALL --security-opt no-new-privileges --read-only \
  busybox:local sleep infinity >/dev/null
docker exec --detach --user "$SEED_UID" "$SEED_NAME" sleep 86400
