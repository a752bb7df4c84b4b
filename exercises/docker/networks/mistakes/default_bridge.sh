#!/usr/bin/env bash
# caught by: test_both_containers_have_an_address_in_it
# The network is there, but the containers were started without it.
set -euo pipefail
net=10.$SEED_SECOND.$SEED_THIRD
run() { docker run --detach --name "$SEED_NAME-$1" "${@:2}" busybox:local sleep infinity >/dev/null; }
docker network create --subnet "$net.0/24" "$SEED_NAME" >/dev/null
for letter in a b c; do run "$letter"; done
