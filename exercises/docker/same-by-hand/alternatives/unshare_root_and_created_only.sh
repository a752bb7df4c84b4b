#!/usr/bin/env bash
# The files come from a container that never ran; unshare itself changes the root; the answers out of one's head.
set -euo pipefail
docker rm --force "$SEED_NAME" >/dev/null 2>&1 || true
docker run --detach --name "$SEED_NAME" --security-opt "$SEED_OPTION" busybox:local sleep infinity >/dev/null
mkdir -p image/files
spare=$(docker create busybox:local)
docker export "$spare" --output image/files.tar
docker rm "$spare" >/dev/null
tar --extract --file image/files.tar --directory image/files

sudo systemd-run --quiet --collect --unit "by-hand-$SEED_NAME" --working-directory "$PWD" \
  unshare --pid --fork --kill-child --mount-proc --uts --ipc --net \
  --root="$PWD/image/files" /bin/sleep 86400
wait_until pgrep --full --exact "/bin/sleep 86400" >/dev/null
case $SEED_OPTION in
  no-new-privileges) filter=yes privileges=yes ;;
  *) filter=no privileges=no ;;
esac
printf '%s\n' "seccomp: $filter" "no_new_privs: $privileges" "capabilities: yes" "cgroup: yes" "network: yes" \
  "masked: yes" "user_namespace: no" >answers.txt
