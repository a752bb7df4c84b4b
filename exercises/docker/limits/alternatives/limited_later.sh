#!/usr/bin/env bash
# A container without limits gets them while it runs; quota and period in place of a number of CPUs.
set -euo pipefail
docker rm --force "$SEED_NAME" >/dev/null 2>&1 || true
docker run --detach --name "$SEED_NAME" busybox:local sleep infinity >/dev/null
docker update --memory "${SEED_MIB}m" --memory-swap "${SEED_MIB}m" --cpu-period 50000 --cpu-quota $((SEED_PERCENT * 500)) \
  --pids-limit "$SEED_PROCESSES" "$SEED_NAME" >/dev/null
docker exec "$SEED_NAME" sh -c 'dd if=/dev/zero bs=400M count=1 2>/dev/null | tail -c 1; true' >/dev/null
