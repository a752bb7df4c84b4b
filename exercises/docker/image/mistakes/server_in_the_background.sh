#!/usr/bin/env bash
# caught by: test_a_container_of_the_image_is_running
# Without -f the server forks and its first process ends; for Docker that is the end of the container.
set -euo pipefail
gone() { [ "$(docker inspect --format '{{.State.Status}}' "$SEED_NAME")" = exited ]; }
echo "$SEED_WORD" >index.html
cat >Dockerfile <<END
FROM busybox:local
LABEL org.opencontainers.image.title="$SEED_NAME"
COPY index.html /www/index.html
EXPOSE 80
CMD ["httpd", "-p", "80", "-h", "/www"]
END
docker build --tag "$SEED_NAME:1" .
docker run --detach --name "$SEED_NAME" --publish "$SEED_PORT:80" "$SEED_NAME:1"
wait_until gone
