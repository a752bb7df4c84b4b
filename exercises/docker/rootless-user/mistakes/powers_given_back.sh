#!/usr/bin/env bash
# caught by: test_no_capability_is_within_reach
# All capabilities are dropped, but two are given back "because otherwise it does not work".
set -euo pipefail
docker run --detach --name "$SEED_NAME" --user "$SEED_UID" --cap-drop ALL --cap-add NET_ADMIN --cap-add SYS_ADMIN \
  --security-opt no-new-privileges --read-only busybox:local sleep infinity >/dev/null
