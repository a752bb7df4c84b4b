#!/usr/bin/env bash
# caught by: test_the_image_holds_the_page
# All is right, but no tag was given, so that the image is called latest.
set -euo pipefail
echo "$SEED_WORD" >index.html
cat >Dockerfile <<END
FROM busybox:local
LABEL org.opencontainers.image.title="$SEED_NAME"
COPY index.html /www/index.html
EXPOSE 80
CMD ["httpd", "-f", "-p", "80", "-h", "/www"]
END
docker build --tag "$SEED_NAME" .
docker run --detach --name "$SEED_NAME" --publish "$SEED_PORT:80" "$SEED_NAME"
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
