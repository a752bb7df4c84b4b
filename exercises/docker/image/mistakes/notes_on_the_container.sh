#!/usr/bin/env bash
# caught by: test_the_image_bears_its_title_and_its_port
# Label and port were given to the container, where nobody finds them who only has the image.
set -euo pipefail
echo "$SEED_WORD" >index.html
cat >Dockerfile <<END
FROM busybox:local
COPY index.html /www/index.html
CMD ["httpd", "-f", "-p", "80", "-h", "/www"]
END
docker build --tag "$SEED_NAME:1" .
docker run --detach --name "$SEED_NAME" --publish "$SEED_PORT:80" --expose 80 \
  --label "org.opencontainers.image.title=$SEED_NAME" "$SEED_NAME:1"
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
