#!/usr/bin/env bash
# A container in fifty lines of shell. Only the cable and the group need sudo: all else a user namespace allows.
set -euo pipefail
box=$SEED_NAME net=$SEED_SUBNET
page_is_there() { curl --silent --max-time 1 "http://$net.2:$SEED_PORT/" | grep --quiet "$SEED_WORD"; }
ip link show "$box" >/dev/null 2>&1 && page_is_there && exit 0

# 1. The image: one static program under three names, a page, and the script that is started in there.
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

# 2. The limit: this shell joins the group, and all that it starts is born there.
group=/sys/fs/cgroup/memory/$box limit=memory.limit_in_bytes
[ -e /sys/fs/cgroup/cgroup.controllers ] && group=/sys/fs/cgroup/$box limit=memory.max
sudo mkdir -p "$group"
echo $((SEED_MIB * 1024 * 1024)) | sudo tee "$group/$limit" >/dev/null
echo $$ | sudo tee "$group/cgroup.procs" >/dev/null

# 3. The namespaces, and the root: a mount point, a proc for the new pids, and the exchange (by a tool of root's, which
# is not on a student's PATH).
setsid unshare --user --map-root-user --mount --pid --fork --uts --ipc --net sh -ec '
  mount --bind root root
  mount -t proc proc root/proc
  cd root
  /usr/sbin/pivot_root . old
  exec /init
' </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "busybox httpd -f -p $SEED_PORT -h /www"
pid=$(pgrep --full --exact "busybox httpd -f -p $SEED_PORT -h /www")

# 4. The cable: one end here, the other in there.
sudo ip link add "$box" type veth peer name eth0 netns "$pid"
sudo ip address add "$net.1/24" dev "$box"
sudo ip link set "$box" up
sudo nsenter --target "$pid" --net sh -ec '
  ip link set lo up
  ip address add "$1.2/24" dev eth0
  ip link set eth0 up
  ip route add default via "$1.1"
' - "$net"

wait_until page_is_there
