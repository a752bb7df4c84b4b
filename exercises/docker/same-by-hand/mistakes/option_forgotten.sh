#!/usr/bin/env bash
# caught by: test_the_container_runs_with_its_option
# The container is an ordinary one, without its option.
set -euo pipefail
docker run --detach --name "$SEED_NAME" busybox:local sleep infinity >/dev/null
mkdir -p root
docker export "$SEED_NAME" | tar --extract --directory root
setsid sudo unshare --pid --fork --mount --uts --ipc --net chroot root /bin/sleep 86400 </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "/bin/sleep 86400" >/dev/null
printf "%s\n" "seccomp: yes" "no_new_privs: no" "capabilities: yes" "cgroup: yes" "network: yes" \
  "masked: yes" "user_namespace: no" >answers.txt
