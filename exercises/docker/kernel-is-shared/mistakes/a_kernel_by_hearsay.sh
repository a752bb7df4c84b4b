#!/usr/bin/env bash
# caught by: test_the_answers_tell_its_release_and_its_kernel
# Bookworm comes with Linux 6.1 and trixie with 6.12, as everybody knows: nobody asked.
set -euo pipefail
case $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release) in
  trixie) other=bookworm version=12 ;;
  *) other=trixie version=13 ;;
esac
docker run --detach --name "$SEED_NAME" "debian-$other:local" sleep infinity >/dev/null
case $other in bookworm) kernel=6.1.0-18-amd64 ;; *) kernel=6.12.0-1-amd64 ;; esac
printf '%s\n' "version: $version" "kernel: $kernel" "error: Read-only file system" >answers.txt
