#!/usr/bin/env bash
# A program of one's own makes the namespace and waits; somebody else enters it, mounts and writes there.
set -euo pipefail
rm -f ready

setsid sudo python3 -c '
import ctypes, pathlib, signal
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x20000) or libc.mount(None, b"/", None, 0x44000, None):  # CLONE_NEWNS; MS_REC | MS_PRIVATE
    raise OSError(ctypes.get_errno(), "no mount namespace")
pathlib.Path("ready").touch()
signal.pause()
' </dev/null >/dev/null 2>&1 &

wait_until test -e ready
pid=$(pgrep --newest --exact python3)
sudo nsenter --target "$pid" --mount mount -t tmpfs room "$PWD/room"
echo "$SEED_WORD" | sudo nsenter --target "$pid" --mount tee "$PWD/room/word" >/dev/null
