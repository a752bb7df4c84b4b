#!/usr/bin/env bash
# caught by: test_it_can_gain_nothing_by_starting_a_program
# The filter was loaded while it still had all power, which needs no promise; nobody made it later.
set -euo pipefail

cat >filter.py <<'PYTHON'
import ctypes
import os
import struct
import sys

# With CAP_SYS_ADMIN, which is still there, this needs no promise.
libc = ctypes.CDLL(None, use_errno=True)
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, 425), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
if libc.prctl(22, 2, struct.pack("HP", len(steps), ctypes.addressof(program))):
    sys.exit("no filter")
os.execvp(sys.argv[1], sys.argv[1:])
PYTHON

# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo python3 filter.py setpriv --bounding-set="-all,+${SEED_CAP#cap_}" --inh-caps=-all --ambient-caps=-all \
  bash -c 'exec -a "$1" sleep infinity' - "$SEED_NAME" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact "$SEED_NAME infinity"
