#!/usr/bin/env bash
# caught by: test_the_server_in_the_namespace_answers_the_seat
# The cable is good and somebody sleeps in the namespace, but the server was started on the seat.
set -euo pipefail
sudo ip netns add room
sudo ip link add cable type veth peer name eth0 netns room
sudo ip address add "10.$SEED_NET.77.1/24" dev cable
sudo ip link set cable up
sudo ip -n room address add "10.$SEED_NET.77.2/24" dev eth0
sudo ip -n room link set eth0 up
setsid sudo ip netns exec room sleep infinity </dev/null >/dev/null 2>&1 &
setsid busybox httpd -f -p "$SEED_PORT" -h "$PWD" </dev/null >/dev/null 2>&1 &
wait_until curl --silent --max-time 1 "http://10.$SEED_NET.77.1:$SEED_PORT/"
wait_until pgrep --full --exact "sleep infinity"
