#!/usr/bin/env bash
# Nothing is asked in the container: its files are under /proc/PID/root, and nsenter goes in by hand.
set -euo pipefail
# shellcheck source=/dev/null
. /etc/os-release
case $VERSION_CODENAME in trixie) other=bookworm ;; *) other=trixie ;; esac
docker rm --force "$SEED_NAME" >/dev/null 2>&1 || true
docker create --name "$SEED_NAME" --hostname visita "debian-$other:local" tail -f /dev/null >/dev/null
docker start "$SEED_NAME" >/dev/null
pid=$(docker inspect --format '{{.State.Pid}}' "$SEED_NAME")
version=$(sudo chroot "/proc/$pid/root" /bin/cat /etc/debian_version)
refusal=$(sudo nsenter --target "$pid" --mount --pid sysctl -w kernel.ostype=Bancada 2>&1 || true)
printf '%s\n' "version: $version" "kernel: $(</proc/sys/kernel/osrelease)" "error: ${refusal##*: }" >answers.txt
