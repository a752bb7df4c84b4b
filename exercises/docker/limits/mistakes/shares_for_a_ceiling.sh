#!/usr/bin/env bash
# caught by: test_the_kernel_limits_its_cpu_time
# Shares are a weight against others, and no ceiling.
set -euo pipefail
docker run --detach --name "$SEED_NAME" --memory "${SEED_MIB}m" --cpu-shares "$SEED_PERCENT" --pids-limit "$SEED_PROCESSES" \
  busybox:local sleep infinity >/dev/null
docker exec "$SEED_NAME" dd if=/dev/zero of=/dev/null bs=400M count=1 || [ $? -eq 137 ]
