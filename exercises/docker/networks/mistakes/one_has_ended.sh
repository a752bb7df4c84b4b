#!/usr/bin/env bash
# caught by: test_both_containers_have_an_address_in_it
# The second container had nothing to do, and ended.
set -euo pipefail
net=10.$SEED_SECOND.$SEED_THIRD
run() { docker run --detach --name "$SEED_NAME-$1" "${@:2}" busybox:local sleep infinity >/dev/null; }
docker network create --subnet "$net.0/24" "$SEED_NAME" >/dev/null
run a --network "$SEED_NAME"
docker run --detach --name "$SEED_NAME-b" --network "$SEED_NAME" busybox:local true >/dev/null
run c
