#!/usr/bin/env bash
# Docker is asked for nothing but the container: who is pid 1 elsewhere stands in /proc, and setns(2) enters.
set -euo pipefail
docker rm --force "$SEED_NAME" >/dev/null 2>&1 || true
docker run --detach --name "$SEED_NAME" --hostname "$SEED_NAME" busybox:local sleep infinity >/dev/null

cat >join.py <<'PYTHON'
import ctypes
import os
import re
import sys

for pid in filter(str.isdigit, os.listdir("/proc")):
    environment = open(f"/proc/{pid}/environ", "rb").read().split(b"\0") if os.path.exists(f"/proc/{pid}/exe") else []
    if f"HOSTNAME={sys.argv[1]}".encode() in environment:
        break
else:
    sys.exit("not found")
with open("answers.txt", "w") as file:
    print("pid:", pid, file=file)
    for kind in ("mnt", "uts", "ipc", "net"):
        print(f"{kind}: {os.readlink(f'/proc/{pid}/ns/{kind}')}", file=file)
    print("pid_namespace:", os.readlink(f"/proc/{pid}/ns/pid"), file=file)
    # any line is right, also that of a hierarchy where it stands in the root
    print("cgroup:", min((line.split(":", 2)[2].strip() for line in open(f"/proc/{pid}/cgroup")), key=len), file=file)
    print("upper:", re.search("upperdir=([^,]*)", open(f"/proc/{pid}/mountinfo").read())[1], file=file)
handles = [os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY) for kind in ("uts", "ipc", "net", "pid", "mnt")]
for handle in handles:
    ctypes.CDLL(None).setns(handle, 0)
if not os.fork():  # only a child is in the pid namespace
    os.setsid()
    os.closerange(0, 3)
    os.execv("/bin/sleep", ["sleep", "86400"])
PYTHON
sudo python3 join.py "$SEED_NAME"
wait_until pgrep --full --exact "sleep 86400" >/dev/null
