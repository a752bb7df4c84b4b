#!/usr/bin/env bash
# caught by: test_a_container_of_the_other_release_runs
# Everything was looked at in a container that then ended.
set -euo pipefail
case $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release) in
  trixie) other=bookworm version=12 ;;
  *) other=trixie version=13 ;;
esac
docker run --name "$SEED_NAME" "debian-$other:local" uname -r >/dev/null
printf '%s\n' "version: $version" "kernel: $(uname -r)" "error: Read-only file system" >answers.txt
