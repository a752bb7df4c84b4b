#!/usr/bin/env bash
# caught by: test_the_container_has_no_power_over_the_kernel
# An option found on the web leaves out the mounts that cover /proc, as --privileged does.
set -euo pipefail
case $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release) in
  trixie) other=bookworm version=12 ;;
  *) other=trixie version=13 ;;
esac
docker run --detach --name "$SEED_NAME" --security-opt systempaths=unconfined "debian-$other:local" sleep infinity >/dev/null
refusal=$(docker exec "$SEED_NAME" sh -c 'echo Bancada >/proc/sys/kernel/ostype' 2>&1 || true)
printf '%s\n' "version: $version" "kernel: $(uname -r)" "error: ${refusal##*: }" >answers.txt
