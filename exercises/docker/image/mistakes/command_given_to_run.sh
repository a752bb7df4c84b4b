#!/usr/bin/env bash
# caught by: test_the_image_says_what_it_starts
# The image has no CMD of its own; whoever runs it has to know what to type.
set -euo pipefail
echo "$SEED_WORD" >index.html
cat >Dockerfile <<END
FROM busybox:local
LABEL org.opencontainers.image.title="$SEED_NAME"
COPY index.html /www/index.html
EXPOSE 80
END
docker build --tag "$SEED_NAME:1" .
docker run --detach --name "$SEED_NAME" --publish "$SEED_PORT:80" "$SEED_NAME:1" httpd -f -p 80 -h /www
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
