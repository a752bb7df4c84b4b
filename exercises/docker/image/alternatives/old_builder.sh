#!/usr/bin/env bash
# The builder that Docker had before BuildKit: it starts a container for each step, and keeps an image of each.
set -euo pipefail
name=$SEED_NAME

# shellcheck disable=SC2016 # the shell of the build expands it
printf '%s\n' 'FROM busybox:local' 'ARG word' 'RUN mkdir /www' 'RUN echo "$word" >/www/index.html' \
  "LABEL org.opencontainers.image.title=$name" 'EXPOSE 80' 'WORKDIR /www' 'ENTRYPOINT ["httpd", "-f"]' >Dockerfile
DOCKER_BUILDKIT=0 docker build --build-arg "word=$SEED_WORD" --tag "$name:1" .

docker rm --force "$name" >/dev/null 2>&1 || true
docker run --detach --restart always --name "$name" --publish "$SEED_PORT:80" "$name:1"
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
