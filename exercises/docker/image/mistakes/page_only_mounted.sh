#!/usr/bin/env bash
# caught by: test_the_image_holds_the_page
# The image has the server alone; the page lies on the seat, and is mounted into the container.
set -euo pipefail
mkdir -p www
echo "$SEED_WORD" >www/index.html
cat >Dockerfile <<END
FROM busybox:local
LABEL org.opencontainers.image.title="$SEED_NAME"
EXPOSE 80
CMD ["httpd", "-f", "-p", "80", "-h", "/www"]
END
docker build --tag "$SEED_NAME:1" .
docker run --detach --name "$SEED_NAME" --publish "$SEED_PORT:80" --volume "$PWD/www:/www:ro" "$SEED_NAME:1"
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
