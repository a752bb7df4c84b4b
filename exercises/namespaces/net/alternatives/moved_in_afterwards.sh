#!/usr/bin/env bash
# The process first, with unshare; the cable is moved to it by its pid, and set up from outside with nsenter.
set -euo pipefail
here=10.$SEED_NET.77.1 there=10.$SEED_NET.77.2

setsid sudo unshare --net python3 -m http.server "$SEED_PORT" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full "^python3 -m http.server $SEED_PORT"
pid=$(pgrep --full "^python3 -m http.server $SEED_PORT")

sudo ip link add plug type veth peer name socket
sudo ip link set socket netns "$pid"
sudo ip address add "$here/30" dev plug
sudo ip link set plug up
sudo nsenter --target "$pid" --net sh -c "ip address add $there/30 dev socket && ip link set socket up"
wait_until curl --silent --max-time 1 "http://$there:$SEED_PORT/"
