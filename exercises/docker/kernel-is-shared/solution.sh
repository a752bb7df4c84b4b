#!/usr/bin/env bash
# The other release's container is asked what its files say, what its kernel says, and what it may not do.
set -euo pipefail
name=$SEED_NAME
if grep --quiet VERSION_CODENAME=trixie /etc/os-release; then other=bookworm; else other=trixie; fi

docker rm --force "$name" >/dev/null 2>&1 || true
docker run --detach --name "$name" "debian-$other:local" sleep infinity >/dev/null

# The shell ends its message with the kernel's reason.
refusal=$(docker exec "$name" sh -c 'echo Bancada >/proc/sys/kernel/ostype' 2>&1 || true)
{
  echo "version: $(docker exec "$name" sed -n 's/^VERSION_ID=//p' /etc/os-release | tr -d '"')"
  echo "kernel: $(docker exec "$name" uname -r)"
  echo "error: ${refusal##*: }"
} >answers.txt
