#!/usr/bin/env bash
# caught by: test_an_ordinary_user_made_it
# The map says the right thing, but the machine's root made the namespace: it needed sudo, and belongs to root.
set -euo pipefail
rm -f ready
setsid sudo python3 -c '
import ctypes, os, pathlib, signal, socket, sys
target, back = os.pipe()
if not os.fork():  # a process outside writes the maps
    os.read(target, 1)
    for name, outside in ("uid", os.environ["SUDO_UID"]), ("gid", os.environ["SUDO_GID"]):
        pathlib.Path(f"/proc/{os.getppid()}/{name}_map").write_text(f"0 {outside} 1")
    os._exit(0)
ctypes.CDLL(None).unshare(0x10000000 | 0x04000000)
os.write(back, b"!")
os.wait()
os.setresgid(0, 0, 0)
os.setresuid(0, 0, 0)
socket.sethostname(sys.argv[1])
print("ready", flush=True)
signal.pause()
' "$SEED_HOSTNAME" </dev/null >ready 2>&1 &
wait_until grep --quiet ready ready
