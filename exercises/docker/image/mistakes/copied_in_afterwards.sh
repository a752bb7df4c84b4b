#!/usr/bin/env bash
# caught by: test_a_container_of_the_image_is_running
# The image is there, but what runs is the base image, with the page copied in.
set -euo pipefail
echo "$SEED_WORD" >index.html
cat >Dockerfile <<END
FROM busybox:local
LABEL org.opencontainers.image.title="$SEED_NAME"
COPY index.html /www/index.html
EXPOSE 80
CMD ["httpd", "-f", "-p", "80", "-h", "/www"]
END
docker build --tag "$SEED_NAME:1" .
docker run --detach --name "$SEED_NAME" --publish "$SEED_PORT:80" busybox:local sh -c 'mkdir /www; httpd -f -h /www'
wait_until docker exec "$SEED_NAME" test -d /www
docker cp index.html "$SEED_NAME:/www/index.html"
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
