#!/usr/bin/env bash
# caught by: test_a_veth_pair_leads_from_the_seat_into_the_namespace
# Nobody moved the other end; the seat has both addresses and pings itself, which looks well.
set -euo pipefail
sudo ip netns add room
sudo ip link add cable type veth peer name eth9
sudo ip address add "10.$SEED_NET.77.1/24" dev cable
sudo ip address add "10.$SEED_NET.77.2/24" dev eth9
sudo ip link set cable up
sudo ip link set eth9 up
ping -c1 -W1 "10.$SEED_NET.77.2" >/dev/null
sudo ip -n room link set lo up
setsid sudo ip netns exec room busybox httpd -f -p "$SEED_PORT" -h "$PWD" </dev/null >/dev/null 2>&1 &
wait_until sudo ip netns exec room curl --silent --max-time 1 "http://127.0.0.1:$SEED_PORT/"
