#!/usr/bin/env bash
# The containers run already, in Docker's default network, and get another cable; addresses chosen by hand.
set -euo pipefail
docker rm --force "$SEED_NAME"-{a,b,c} >/dev/null 2>&1 || true
docker network rm "$SEED_NAME" >/dev/null 2>&1 || true
for letter in a b c; do
  docker run --detach --name "$SEED_NAME-$letter" busybox:local sleep infinity >/dev/null
done
net=10.$SEED_SECOND.$SEED_THIRD
docker network create --driver bridge --subnet "$net.0/24" --gateway "$net.254" "$SEED_NAME" >/dev/null
docker network connect --ip "$net.10" "$SEED_NAME" "$SEED_NAME-a"
docker network connect --ip "$net.20" "$SEED_NAME" "$SEED_NAME-b"
docker network disconnect bridge "$SEED_NAME-b"
