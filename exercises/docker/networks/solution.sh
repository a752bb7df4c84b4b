#!/usr/bin/env bash
# The network first; then a container says at its start which one it is in.
set -euo pipefail
name=$SEED_NAME

docker rm --force "$name"-{a,b,c} >/dev/null 2>&1 || true
docker network rm "$name" >/dev/null 2>&1 || true

docker network create --subnet "10.$SEED_SECOND.$SEED_THIRD.0/24" "$name" >/dev/null
for letter in a b; do
  docker run --detach --name "$name-$letter" --network "$name" busybox:local sleep infinity >/dev/null
done
docker run --detach --name "$name-c" busybox:local sleep infinity >/dev/null
