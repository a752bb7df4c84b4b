#!/usr/bin/env bash
# caught by: test_its_root_is_another_directory
# A mount namespace of its own with a copy of the seat's mounts: nobody made a root.
set -euo pipefail
box=$SEED_NAME net=$SEED_SUBNET

mkdir -p www
echo "<h1>$SEED_WORD</h1>" >www/index.html
group=/sys/fs/cgroup/memory/$box limit=memory.limit_in_bytes
[ -e /sys/fs/cgroup/cgroup.controllers ] && group=/sys/fs/cgroup/$box limit=memory.max
sudo mkdir -p "$group"
echo $((SEED_MIB * 1024 * 1024)) | sudo tee "$group/$limit" >/dev/null
echo $$ | sudo tee "$group/cgroup.procs" >/dev/null

# shellcheck disable=SC2016 # the inner shell expands it
setsid unshare --user --map-root-user --mount --pid --fork --uts --ipc --net sh -ec '
  mount -t proc proc /proc
  busybox hostname "$0"
  exec busybox httpd -f -p "$1" -h www
' "$box" "$SEED_PORT" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "busybox httpd -f -p $SEED_PORT -h www"
pid=$(pgrep --full --exact "busybox httpd -f -p $SEED_PORT -h www")

sudo ip link add "$box" type veth peer name eth0 netns "$pid"
sudo ip address add "$net.1/24" dev "$box"
sudo ip link set "$box" up
sudo nsenter --target "$pid" --net sh -ec 'ip address add "$1.2/24" dev eth0; ip link set eth0 up' - "$net"
wait_until curl --silent --output /dev/null --max-time 1 "http://$net.2:$SEED_PORT/"
