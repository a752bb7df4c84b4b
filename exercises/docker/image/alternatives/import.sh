#!/usr/bin/env bash
# By hand from the first file on: a root directory as for chroot, packed with tar, is all that an image needs.
set -euo pipefail
name=$SEED_NAME

mkdir -p root/bin root/www
cp /bin/busybox root/bin/busybox
echo "$SEED_WORD" >root/www/index.html
tar --create --directory root . |
  docker import --change "LABEL org.opencontainers.image.title=$name" --change 'EXPOSE 80/tcp' \
    --change 'ENTRYPOINT ["/bin/busybox"]' --change 'CMD ["httpd", "-f", "-p", "80", "-h", "/www"]' - "$name:1"

docker rm --force "$name" >/dev/null 2>&1 || true
docker create --name "$name" --publish "127.0.0.1:$SEED_PORT:80" "$name:1"
docker start "$name"
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
