#!/usr/bin/env bash
# caught by: test_the_kernel_limits_its_processes
# A ulimit limits the user's processes everywhere, and root's not at all.
set -euo pipefail
docker run --detach --name "$SEED_NAME" --memory "${SEED_MIB}m" --cpus "0.$SEED_PERCENT" --ulimit "nproc=$SEED_PROCESSES" \
  busybox:local sleep infinity >/dev/null
docker exec "$SEED_NAME" dd if=/dev/zero of=/dev/null bs=400M count=1 || [ $? -eq 137 ]
