#!/usr/bin/env bash
# Without sudo, and without a place for the old root: it is stacked upon the new one, and unmounted from there.
set -euo pipefail

mkdir -p image/bin
[ -e image/bin/busybox ] || cp /bin/busybox image/bin/
echo "$SEED_WORD" >image/word

setsid unshare --user --map-root-user --mount python3 -c '
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    if getattr(libc, name)(*arguments):
        raise OSError(ctypes.get_errno(), name)
call("mount", None, b"/", None, 0x44000, None)  # MS_REC | MS_PRIVATE
call("mount", b"image", b"image", None, 0x5000, None)  # MS_BIND | MS_REC
os.chdir("image")
call("pivot_root", b".", b".")
call("umount2", b".", 2)  # MNT_DETACH
os.chdir("/")
os.execv("/bin/busybox", ["busybox", "sleep", "1d"])
' </dev/null >/dev/null 2>&1 &

wait_until pgrep --full --exact 'busybox sleep 1d'
