#!/usr/bin/env bash
# Room, cable, addresses, and then a web server that lives in the room. Each step only where it is still to be done.
set -euo pipefail
here=10.$SEED_NET.77.1 there=10.$SEED_NET.77.2
page=http://$there:$SEED_PORT/

# A namespace with a name: ip netns keeps it at /run/netns/room, also while nobody is in it.
[ -e /run/netns/room ] || sudo ip netns add room

# The cable, one end of which begins its life in there.
[ -e /sys/class/net/cable ] || sudo ip link add cable type veth peer name eth0 netns room

# An address and "up" for each end. The /24 brings the route to the other end along.
sudo ip address replace "$here/24" dev cable
sudo ip link set cable up
sudo ip -n room address replace "$there/24" dev eth0
sudo ip -n room link set eth0 up
sudo ip -n room link set lo up

# Somebody who lives in there.
mkdir -p site
echo "<h1>Hello from $there</h1>" >site/index.html
curl --silent --max-time 1 --output /dev/null "$page" && exit
setsid sudo ip netns exec room busybox httpd -f -p "$SEED_PORT" -h "$PWD/site" </dev/null >/dev/null 2>&1 &
wait_until curl --silent --max-time 1 "$page"
