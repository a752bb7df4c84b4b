#!/usr/bin/env bash
# caught by: test_no_capability_is_within_reach
# An ordinary user has no effective capabilities; that the bounding set is still full was overlooked.
set -euo pipefail
docker run --detach --name "$SEED_NAME" --user "$SEED_UID" --security-opt no-new-privileges --read-only \
  busybox:local sleep infinity >/dev/null
