#!/usr/bin/env bash
# caught by: test_no_other_capability_can_come_back
# Permitted and effective are right, but the bounding set is still full.
set -euo pipefail

cat >filter.py <<'PYTHON'
import ctypes
import os
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
names = {"chown": 0, "kill": 5, "net_bind_service": 10, "net_raw": 13, "sys_chroot": 18, "sys_nice": 23,
         "sys_time": 25, "mknod": 27}
bit = 1 << names[sys.argv[2].removeprefix("cap_")]
libc.prctl(38, 1, 0, 0, 0)
libc.capset(struct.pack("Ii", 0x20080522, 0), struct.pack("6I", bit, bit, 0, 0, 0, 0))
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, 425), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
if libc.prctl(22, 2, struct.pack("HP", len(steps), ctypes.addressof(program))):
    sys.exit("no filter")
os.execv("/bin/sleep", [sys.argv[1], "infinity"])
PYTHON

setsid sudo python3 filter.py "$SEED_NAME" "$SEED_CAP" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "$SEED_NAME infinity"
