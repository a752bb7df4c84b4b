#!/usr/bin/env bash
# caught by: test_it_has_that_one_capability_and_no_other
# The other way round: that one was taken away, and all the others stayed.
set -euo pipefail

cat >filter.py <<'PYTHON'
import ctypes
import os
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, 425), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
if libc.prctl(22, 2, struct.pack("HP", len(steps), ctypes.addressof(program))):
    sys.exit("no filter")
os.execv("/bin/sleep", [sys.argv[1], "infinity"])
PYTHON

setsid sudo setpriv --bounding-set="-${SEED_CAP#cap_}" --no-new-privs \
  python3 - "$SEED_NAME" <filter.py >/dev/null 2>&1 &
wait_until pgrep --full --exact "$SEED_NAME infinity"
