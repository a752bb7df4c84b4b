#!/usr/bin/env bash
# Images that compose builds, networks by name, the client in one more of them, and the names in .env and a second file.
set -euo pipefail

mkdir -p web
echo "<p>$SEED_WORD</p>" >web/index.html
printf '%s\n' 'FROM busybox:local' 'COPY index.html /srv/' 'CMD ["httpd", "-f", "-h", "/srv"]' >web/Dockerfile
echo "COMPOSE_PROJECT_NAME=$SEED_NAME" >.env
cat >docker-compose.yml <<'END'
version: "3.7"
services:
  web:
    build: web
    image: ${COMPOSE_PROJECT_NAME}-web:1
    networks: [inner]
  client:
    image: busybox:local
    init: true
    command: tail -f /dev/null
    depends_on: [web]
    networks: [inner, outer]
networks:
  inner:
  outer:
END
cat >docker-compose.override.yml <<END
version: "3.7"
services:
  web:
    ports: ["127.0.0.1:$SEED_PORT:80"]
END
docker-compose up --detach --build
wait_until docker-compose exec -T client wget -q -O - http://web/
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
