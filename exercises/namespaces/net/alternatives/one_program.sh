#!/usr/bin/env bash
# A program of one's own that leaves the seat's net namespace, asks for its cable, and then serves.
set -euo pipefail
here=10.$SEED_NET.77.1 there=10.$SEED_NET.77.2

setsid sudo python3 -c '
import ctypes, http.server, os, subprocess, sys
here, there, port = sys.argv[1:]
run = lambda line: subprocess.run(line.split(), check=True)
if ctypes.CDLL(None).unshare(0x40000000):  # CLONE_NEWNET
    sys.exit("unshare failed")
seat = "nsenter --target 1 --net"
run(f"{seat} ip link add uplink type veth peer name inside netns {os.getpid()}")
run(f"{seat} ip address add {here} peer {there} dev uplink")
run(f"{seat} ip link set uplink up")
run(f"ip address add {there} peer {here} dev inside")
run("ip link set inside up")
http.server.HTTPServer((there, int(port)), http.server.SimpleHTTPRequestHandler).serve_forever()
' "$here" "$there" "$SEED_PORT" </dev/null >/dev/null 2>&1 &
# Over the cable only: until it is there, the address lies somewhere in the internet, where a proxy may answer for it.
wait_until curl --silent --interface uplink --max-time 1 "http://$there:$SEED_PORT/"
