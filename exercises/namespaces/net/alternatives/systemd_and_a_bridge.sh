#!/usr/bin/env bash
# As Docker lays its cables: the seat's end hangs on a bridge, and the address is the bridge's. The namespace is systemd's.
set -euo pipefail
here=10.$SEED_NET.77.1 there=10.$SEED_NET.77.2

sudo systemd-run --quiet --collect --unit="site-$SEED_PORT" --property=PrivateNetwork=yes \
  busybox httpd -f -p "$SEED_PORT" -h "$PWD"
pid=$(systemctl show --property=MainPID --value "site-$SEED_PORT")
# systemd names the process before it has left the seat's namespace.
has_moved() { [ "$(sudo readlink "/proc/$pid/ns/net")" != "$(sudo readlink /proc/1/ns/net)" ]; }
wait_until has_moved

sudo ip link add switch type bridge
sudo ip address add "$here/24" dev switch
sudo ip link set switch up
sudo ip link add port1 type veth peer name eth0 netns "$pid"
sudo ip link set port1 master switch up
sudo nsenter --target "$pid" --net ip address add "$there/24" dev eth0
sudo nsenter --target "$pid" --net ip link set eth0 up
wait_until curl --silent --max-time 1 "http://$there:$SEED_PORT/"
