#!/usr/bin/env bash
# caught by: test_the_page_of_the_image_is_served_on_the_port
# EXPOSE was taken for what publishes the port.
set -euo pipefail
running() { [ "$(docker inspect --format '{{.State.Running}}' "$SEED_NAME")" = true ]; }
echo "$SEED_WORD" >index.html
cat >Dockerfile <<END
FROM busybox:local
LABEL org.opencontainers.image.title="$SEED_NAME"
COPY index.html /www/index.html
EXPOSE 80
CMD ["httpd", "-f", "-p", "80", "-h", "/www"]
END
docker build --tag "$SEED_NAME:1" .
docker run --detach --name "$SEED_NAME" "$SEED_NAME:1"
wait_until running
