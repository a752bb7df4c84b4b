#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_net_namespace_of_its_own
# Namespace, cable and addresses are faultless, but the web server was started without ip netns exec.
set -euo pipefail
sudo ip netns add room
sudo ip link add cable type veth peer name eth0 netns room
sudo ip address add "10.$SEED_NET.77.1/24" dev cable
sudo ip link set cable up
sudo ip -n room address add "10.$SEED_NET.77.2/24" dev eth0
sudo ip -n room link set eth0 up
setsid busybox httpd -f -p "$SEED_PORT" -h "$PWD" </dev/null >/dev/null 2>&1 &
wait_until curl --silent --max-time 1 "http://10.$SEED_NET.77.1:$SEED_PORT/"
