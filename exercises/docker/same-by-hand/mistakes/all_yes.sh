#!/usr/bin/env bash
# caught by: test_the_answers_tell_what_docker_adds
# Docker surely does all of it: every line yes, and nobody looked.
set -euo pipefail
docker run --detach --name "$SEED_NAME" --security-opt "$SEED_OPTION" busybox:local sleep infinity >/dev/null
mkdir -p root
docker export "$SEED_NAME" | tar --extract --directory root
setsid sudo unshare --pid --fork --mount --uts --ipc --net chroot root /bin/sleep 86400 </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "/bin/sleep 86400" >/dev/null
printf "%s: yes\n" seccomp no_new_privs capabilities cgroup network masked user_namespace >answers.txt
