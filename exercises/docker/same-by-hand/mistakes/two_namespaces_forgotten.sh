#!/usr/bin/env bash
# caught by: test_the_process_by_hand_has_namespaces_of_its_own
# Only pid, mount and uts were unshared; ipc and net are still the seat's.
set -euo pipefail
docker run --detach --name "$SEED_NAME" --security-opt "$SEED_OPTION" busybox:local sleep infinity >/dev/null
mkdir -p root
docker export "$SEED_NAME" | tar --extract --directory root
setsid sudo unshare --pid --fork --mount --uts chroot root /bin/sleep 86400 </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "/bin/sleep 86400" >/dev/null
case $SEED_OPTION in
  no-new-privileges) filter=yes privileges=yes ;;
  *) filter=no privileges=no ;;
esac
printf "%s\n" "seccomp: $filter" "no_new_privs: $privileges" "capabilities: yes" "cgroup: yes" "network: yes" \
  "masked: yes" "user_namespace: no" >answers.txt
