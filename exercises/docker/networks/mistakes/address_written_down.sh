#!/usr/bin/env bash
# caught by: test_they_reach_each_other_by_name
# A name was written down with the address that its container had the time before.
set -euo pipefail
net=10.$SEED_SECOND.$SEED_THIRD
run() { docker run --detach --name "$SEED_NAME-$1" "${@:2}" busybox:local sleep infinity >/dev/null; }
docker network create --subnet "$net.0/24" "$SEED_NAME" >/dev/null
run a --network "$SEED_NAME" --add-host "$SEED_NAME-b:$net.77"
run b --network "$SEED_NAME"
run c
