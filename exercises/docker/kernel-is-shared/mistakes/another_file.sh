#!/usr/bin/env bash
# caught by: test_the_answers_tell_how_the_kernel_refused
# The file name was misspelt: the reason is that there is no such file, not that it may not be written to.
set -euo pipefail
case $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release) in
  trixie) other=bookworm version=12 ;;
  *) other=trixie version=13 ;;
esac
docker run --detach --name "$SEED_NAME" "debian-$other:local" sleep infinity >/dev/null
refusal=$(docker exec "$SEED_NAME" sh -c 'echo Bancada >/proc/sys/kernel/ostyp' 2>&1 || true)
printf '%s\n' "version: $version" "kernel: $(uname -r)" "error: ${refusal##*: }" >answers.txt
