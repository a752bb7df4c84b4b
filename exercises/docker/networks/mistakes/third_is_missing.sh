#!/usr/bin/env bash
# caught by: test_the_third_does_not_reach_them
# Nobody is there who could not reach them.
set -euo pipefail
net=10.$SEED_SECOND.$SEED_THIRD
run() { docker run --detach --name "$SEED_NAME-$1" "${@:2}" busybox:local sleep infinity >/dev/null; }
docker network create --subnet "$net.0/24" "$SEED_NAME" >/dev/null
for letter in a b; do run "$letter" --network "$SEED_NAME"; done
