#!/usr/bin/env bash
# caught by: test_no_capability_is_within_reach
# The user is right, but --privileged has put everything within reach again.
set -euo pipefail
docker run --detach --name "$SEED_NAME" --user "$SEED_UID" --privileged --security-opt no-new-privileges \
  --read-only busybox:local sleep infinity >/dev/null
