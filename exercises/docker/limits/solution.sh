#!/usr/bin/env bash
# Three options at the start; then a second program that wants far more memory than there is.
set -euo pipefail
name=$SEED_NAME

docker rm --force "$name" >/dev/null 2>&1 || true
docker run --detach --name "$name" --memory "${SEED_MIB}m" --cpus "0.$SEED_PERCENT" --pids-limit "$SEED_PROCESSES" \
  busybox:local sleep infinity >/dev/null

# dd wants one block of 400 MiB; the kernel kills it, and it ends with 128 + 9.
docker exec "$name" dd if=/dev/zero of=/dev/null bs=400M count=1 || [ $? -eq 137 ]
