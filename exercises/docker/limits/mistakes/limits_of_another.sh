#!/usr/bin/env bash
# caught by: test_the_kernel_limits_its_memory
# The limits went to another container; the one that counts has none.
set -euo pipefail
docker run --detach --name "$SEED_NAME" busybox:local sleep infinity >/dev/null
docker run --detach --name "$SEED_NAME-2" --memory "${SEED_MIB}m" --cpus "0.$SEED_PERCENT" \
  --pids-limit "$SEED_PROCESSES" busybox:local sleep infinity >/dev/null
docker exec "$SEED_NAME-2" dd if=/dev/zero of=/dev/null bs=400M count=1 || [ $? -eq 137 ]
