#!/usr/bin/env bash
# caught by: test_the_process_runs_as_root
# No capability at all, because it is no root: the easy way to be weak.
set -euo pipefail

cat >filter.py <<'PYTHON'
import ctypes
import os
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, 425), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
if libc.prctl(22, 2, struct.pack("HP", len(steps), ctypes.addressof(program))):
    sys.exit("no filter")
os.execv("/bin/sleep", [sys.argv[1], "infinity"])
PYTHON

setsid python3 - "$SEED_NAME" <filter.py >/dev/null 2>&1 &
wait_until pgrep --full --exact "$SEED_NAME infinity"
