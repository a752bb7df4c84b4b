#!/usr/bin/env bash
# caught by: test_the_network_has_the_subnet
# The network was made without a word about its subnet.
set -euo pipefail
run() { docker run --detach --name "$SEED_NAME-$1" "${@:2}" busybox:local sleep infinity >/dev/null; }
docker network create "$SEED_NAME" >/dev/null
for letter in a b; do run "$letter" --network "$SEED_NAME"; done
run c
