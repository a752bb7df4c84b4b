#!/usr/bin/env bash
# caught by: test_the_kernel_limits_its_memory
# A variable tells the program about a limit; nobody enforces it.
set -euo pipefail
docker run --detach --name "$SEED_NAME" --env "MEMORY_LIMIT=${SEED_MIB}m" --memory-reservation "${SEED_MIB}m" --cpus "0.$SEED_PERCENT" \
  --pids-limit "$SEED_PROCESSES" busybox:local sleep infinity >/dev/null
