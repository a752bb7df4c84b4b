#!/usr/bin/env bash
# caught by: test_the_answers_tell_its_release_and_its_kernel
# The version was read on the seat, outside of the container.
set -euo pipefail
case $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release) in
  trixie) other=bookworm ;;
  *) other=trixie ;;
esac
docker run --detach --name "$SEED_NAME" "debian-$other:local" sleep infinity >/dev/null
version=$(sed -n 's/^VERSION_ID=//p' /etc/os-release | tr -d '"')
printf '%s\n' "version: $version" "kernel: $(uname -r)" "error: Read-only file system" >answers.txt
