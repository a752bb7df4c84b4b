#!/usr/bin/env bash
# caught by: test_the_page_of_the_image_is_served_on_the_port
# The image has the page; but a folder of the seat, kept from trying things out, is still mounted over it.
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
docker run --detach --name "$SEED_NAME" --publish "$SEED_PORT:80" --volume "$PWD:/www" "$SEED_NAME:1"
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
