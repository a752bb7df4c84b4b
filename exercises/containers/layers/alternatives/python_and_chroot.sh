#!/usr/bin/env bash
# mount(2) by a small program, which then lives in one of the two roots; a layer of its own lies between it and the base.
set -euo pipefail
mkdir -p layers/between/etc layers/{x,y}/{upper,work,root}
echo "of the layer between" >layers/between/etc/between

setsid sudo python3 -c '
import ctypes, os, pathlib, sys

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000

def mount(source, target, kind, flags, data):
    if libc.mount(source.encode(), target.encode(), kind.encode(), flags, data.encode()):
        raise OSError(ctypes.get_errno(), target)

if libc.unshare(CLONE_NEWNS):
    raise OSError(ctypes.get_errno(), "unshare")
mount("none", "/", "none", MS_REC | MS_PRIVATE, "")
os.chdir("layers")
for name in "xy":
    mount("overlay", f"{name}/root", "overlay", 0,
          f"lowerdir=between:../base,upperdir={name}/upper,workdir={name}/work")
word, changed, deleted = sys.argv[1:]
os.unlink(f"y/root/etc/{deleted}")
pathlib.Path(f"y/root/etc/{changed}").write_text(word)
pathlib.Path("ready").touch()
os.chroot("y/root")
os.chdir("/")
os.execv("/bin/sh", ["sh", "-c", "while :; do busybox sleep 3600; done"])
' "$SEED_WORD" "$SEED_CHANGED" "$SEED_DELETED" </dev/null >/dev/null 2>&1 &
wait_until test -e layers/ready
