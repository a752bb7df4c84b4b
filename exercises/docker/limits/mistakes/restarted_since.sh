#!/usr/bin/env bash
# caught by: test_the_kernel_has_killed_for_want_of_memory
# There was a kill; but the container was restarted, and its new control group counts from 0.
set -euo pipefail
docker run --detach --name "$SEED_NAME" --memory "${SEED_MIB}m" --cpus "0.$SEED_PERCENT" --pids-limit "$SEED_PROCESSES" \
  busybox:local sleep infinity >/dev/null
docker exec "$SEED_NAME" dd if=/dev/zero of=/dev/null bs=400M count=1 || [ $? -eq 137 ]
docker restart --time 0 "$SEED_NAME" >/dev/null
