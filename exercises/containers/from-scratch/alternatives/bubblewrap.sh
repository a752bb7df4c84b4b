#!/usr/bin/env bash
# bwrap does root, namespaces and capabilities at once, and knows pivot_root; the group and the cable stay handwork.
set -euo pipefail
box=$SEED_NAME net=$SEED_SUBNET
page_is_there() { curl --silent --max-time 1 "http://$net.2:$SEED_PORT/" | grep --quiet "$SEED_WORD"; }

mkdir -p tree/bin tree/proc tree/www
cp /bin/busybox tree/bin/busybox
echo "$SEED_WORD" >tree/www/index.html

group=/sys/fs/cgroup/memory/$box limit=memory.limit_in_bytes
[ -e /sys/fs/cgroup/cgroup.controllers ] && group=/sys/fs/cgroup/$box limit=memory.max
sudo mkdir -p "$group"
echo "${SEED_MIB}M" | sudo tee "$group/$limit" >/dev/null
echo $$ | sudo tee "$group/cgroup.procs" >/dev/null

setsid sudo bwrap --bind tree / --proc /proc --as-pid-1 \
  --unshare-pid --unshare-uts --hostname "$box" --unshare-ipc --unshare-net --cap-drop ALL --cap-add cap_chown \
  /bin/busybox httpd -f -p "$SEED_PORT" -h /www </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "/bin/busybox httpd -f -p $SEED_PORT -h /www"
pid=$(pgrep --full --exact "/bin/busybox httpd -f -p $SEED_PORT -h /www")

sudo ip link add "$box" type veth peer name eth0 netns "$pid"
sudo ip address add "$net.1/24" dev "$box"
sudo ip link set "$box" up
sudo nsenter --target "$pid" --net sh -ec 'ip address add "$1.2/24" dev eth0; ip link set eth0 up' - "$net"
wait_until page_is_there
