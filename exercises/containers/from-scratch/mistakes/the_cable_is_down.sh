#!/usr/bin/env bash
# caught by: test_it_has_a_network_of_its_own
# Both ends have their address, but the one on the seat was never brought up.
set -euo pipefail
box=$SEED_NAME net=$SEED_SUBNET

mkdir -p root/bin root/proc root/old root/www
cp /bin/busybox root/bin/busybox
ln -sf busybox root/bin/sh
echo "<h1>$SEED_WORD</h1>" >root/www/index.html
cat >root/init <<INIT
#!/bin/sh
busybox umount -l /old
busybox hostname $box
exec busybox httpd -f -p $SEED_PORT -h /www
INIT
chmod +x root/init

group=/sys/fs/cgroup/memory/$box limit=memory.limit_in_bytes
[ -e /sys/fs/cgroup/cgroup.controllers ] && group=/sys/fs/cgroup/$box limit=memory.max
sudo mkdir -p "$group"
echo $((SEED_MIB * 1024 * 1024)) | sudo tee "$group/$limit" >/dev/null
echo $$ | sudo tee "$group/cgroup.procs" >/dev/null

setsid unshare --user --map-root-user --mount --pid --fork --uts --ipc --net sh -ec '
  mount --bind root root
  mount -t proc proc root/proc
  cd root
  /usr/sbin/pivot_root . old
  exec /init
' </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "busybox httpd -f -p $SEED_PORT -h /www"
pid=$(pgrep --full --exact "busybox httpd -f -p $SEED_PORT -h /www")

sudo ip link add "$box" type veth peer name eth0 netns "$pid"
sudo ip address add "$net.1/24" dev "$box"
sudo nsenter --target "$pid" --net sh -ec 'ip address add "$1.2/24" dev eth0; ip link set eth0 up' - "$net"
