#!/usr/bin/env bash
# The page and a Dockerfile in the folder; docker build makes the image, docker run a container of it.
set -euo pipefail
name=$SEED_NAME

echo "<h1>$SEED_WORD</h1>" >index.html
cat >Dockerfile <<END
FROM busybox:local
LABEL org.opencontainers.image.title="$name"
COPY index.html /www/index.html
EXPOSE 80
CMD ["httpd", "-f", "-p", "80", "-h", "/www"]
END
docker build --tag "$name:1" .

docker rm --force "$name" >/dev/null 2>&1 || true
docker run --detach --name "$name" --publish "$SEED_PORT:80" "$name:1"
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
