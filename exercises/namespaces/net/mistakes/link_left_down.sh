#!/usr/bin/env bash
# caught by: test_packets_pass_both_ways
# The end inside has its address, but nobody set it up.
set -euo pipefail
sudo ip netns add room
sudo ip link add cable type veth peer name eth0 netns room
sudo ip address add "10.$SEED_NET.77.1/24" dev cable
sudo ip link set cable up
sudo ip -n room address add "10.$SEED_NET.77.2/24" dev eth0
sudo ip -n room link set lo up
setsid sudo ip netns exec room busybox httpd -f -p "$SEED_PORT" -h "$PWD" </dev/null >/dev/null 2>&1 &
wait_until sudo ip netns exec room curl --silent --max-time 1 "http://127.0.0.1:$SEED_PORT/"
