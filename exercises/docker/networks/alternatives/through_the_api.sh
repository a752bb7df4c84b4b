#!/usr/bin/env bash
# The docker command only talks to a socket; so does curl.
set -euo pipefail
docker rm --force "$SEED_NAME"-{a,b,c} >/dev/null 2>&1 || true
docker network rm "$SEED_NAME" >/dev/null 2>&1 || true
post() {
  curl --silent --show-error --fail --unix-socket /run/docker.sock --header "Content-Type: application/json" \
    --data "${2:-}" "http://docker/$1" >/dev/null
}
post networks/create "{\"Name\": \"$SEED_NAME\", \"CheckDuplicate\": true,
  \"IPAM\": {\"Config\": [{\"Subnet\": \"10.$SEED_SECOND.$SEED_THIRD.0/24\"}]}}"
for letter in a b c; do
  network=$SEED_NAME
  [ "$letter" = c ] && network=bridge
  post "containers/create?name=$SEED_NAME-$letter" "{\"Image\": \"busybox:local\", \"Cmd\": [\"sleep\", \"infinity\"],
    \"HostConfig\": {\"NetworkMode\": \"$network\"}}"
  post "containers/$SEED_NAME-$letter/start"
done
