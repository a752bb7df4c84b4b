#!/usr/bin/env bash
# caught by: test_both_ends_have_their_addresses
# All of it works, with the addresses of somebody else's seat.
set -euo pipefail
neighbours=10.$((SEED_NET - 1)).77
sudo ip netns add room
sudo ip link add cable type veth peer name eth0 netns room
sudo ip address add "$neighbours.1/24" dev cable
sudo ip link set cable up
sudo ip -n room address add "$neighbours.2/24" dev eth0
sudo ip -n room link set eth0 up
setsid sudo ip netns exec room busybox httpd -f -p "$SEED_PORT" -h "$PWD" </dev/null >/dev/null 2>&1 &
wait_until curl --silent --max-time 1 "http://$neighbours.2:$SEED_PORT/"
