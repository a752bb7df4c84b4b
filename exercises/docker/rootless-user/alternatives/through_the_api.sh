#!/usr/bin/env bash
# The docker command only talks to a socket; so does curl.
set -euo pipefail
docker rm --force "$SEED_NAME" >/dev/null 2>&1 || true
post() {
  curl --silent --show-error --fail --unix-socket /run/docker.sock --header "Content-Type: application/json" \
    --data "${2:-}" "http://docker/containers/$1" >/dev/null
}
post "create?name=$SEED_NAME" "{\"Image\": \"busybox:local\", \"Cmd\": [\"sleep\", \"infinity\"], \"User\": \"$SEED_UID\",
  \"HostConfig\": {\"CapDrop\": [\"ALL\"], \"SecurityOpt\": [\"no-new-privileges\"], \"ReadonlyRootfs\": true}}"
post "$SEED_NAME/start"
