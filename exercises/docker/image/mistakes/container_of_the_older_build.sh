#!/usr/bin/env bash
# caught by: test_a_container_of_the_image_is_running
# The image was built anew, but the container still runs what the tag meant before.
set -euo pipefail
echo "draft" >index.html
cat >Dockerfile <<END
FROM busybox:local
LABEL org.opencontainers.image.title="$SEED_NAME"
COPY index.html /www/index.html
EXPOSE 80
CMD ["httpd", "-f", "-p", "80", "-h", "/www"]
END
docker build --tag "$SEED_NAME:1" .
docker run --detach --name "$SEED_NAME" --publish "$SEED_PORT:80" "$SEED_NAME:1"
echo "$SEED_WORD" >index.html
docker build --tag "$SEED_NAME:1" .
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
