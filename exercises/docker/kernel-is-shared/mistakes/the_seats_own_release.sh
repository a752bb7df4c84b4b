#!/usr/bin/env bash
# caught by: test_a_container_of_the_other_release_runs
# The image of the release that the seat has anyway.
set -euo pipefail
case $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release) in
  trixie) own=trixie version=13 ;;
  *) own=bookworm version=12 ;;
esac
docker run --detach --name "$SEED_NAME" "debian-$own:local" sleep infinity >/dev/null
printf '%s\n' "version: $version" "kernel: $(uname -r)" "error: Read-only file system" >answers.txt
