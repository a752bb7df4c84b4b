#!/usr/bin/env bash
# No user namespace, but capabilities taken away; the system calls from Python; a net namespace with a name, made
# beforehand, and a rule that publishes the page at the seat's own address, too, as docker run --publish does.
set -euo pipefail
box=$SEED_NAME net=$SEED_SUBNET
page_is_there() { curl --silent --max-time 1 "http://$net.2:$SEED_PORT/" | grep --quiet "$SEED_WORD"; }

mkdir -p rootfs/bin rootfs/proc rootfs/srv
cp /bin/busybox rootfs/bin/busybox
echo "$SEED_WORD" >rootfs/srv/index.html

sudo ip netns add "$box"
sudo ip link add veth-box type veth peer name eth0 netns "$box"
sudo ip address add "$net.1/24" dev veth-box
sudo ip link set veth-box up
sudo ip -n "$box" address add "$net.2/24" dev eth0
sudo ip -n "$box" link set eth0 up
sudo ip -n "$box" route add default via "$net.1"
sudo iptables -t nat -A POSTROUTING -s "$net.0/24" ! -o veth-box -j MASQUERADE
sudo iptables -t nat -A PREROUTING -p tcp --dport "$SEED_PORT" -m addrtype --dst-type LOCAL \
  -j DNAT --to-destination "$net.2:$SEED_PORT"
sudo iptables -A FORWARD -i veth-box -j ACCEPT

group=/sys/fs/cgroup/memory/$box limit=memory.limit_in_bytes
[ -e /sys/fs/cgroup/cgroup.controllers ] && group=/sys/fs/cgroup/$box limit=memory.max
sudo mkdir -p "$group"
echo "${SEED_MIB}M" | sudo tee "$group/$limit" >/dev/null

cat >box.py <<'PYTHON'
import ctypes
import os
import sys

NEWNS, NEWUTS, NEWIPC, NEWPID = 0x20000, 0x4000000, 0x8000000, 0x20000000
group, name, port = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)


def must(result):
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


with open(f"{group}/cgroup.procs", "w") as procs:
    procs.write(str(os.getpid()))
must(libc.unshare(NEWNS | NEWUTS | NEWIPC | NEWPID))
if os.fork():
    os.wait()
    sys.exit()
must(libc.mount(None, b"/", None, 0x44000, None))  # MS_REC | MS_PRIVATE
must(libc.mount(b"rootfs", b"rootfs", None, 0x1000, None))  # MS_BIND
must(libc.mount(b"proc", b"rootfs/proc", b"proc", 0, None))
os.chdir("rootfs")
must(libc.pivot_root(b".", b"."))  # the old root on top of the new one: pivot_root(2)
must(libc.umount2(b".", 2))  # MNT_DETACH
os.chdir("/")
must(libc.sethostname(name.encode(), len(name)))
for capability in range(41):
    if capability not in (0, 10):  # chown, net_bind_service
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.execv("/bin/busybox", ["httpd", "-f", "-p", port, "-h", "/srv"])
PYTHON

setsid sudo nsenter --net="/run/netns/$box" python3 box.py "$group" "$box" "$SEED_PORT" </dev/null >/dev/null 2>&1 &
wait_until page_is_there
