#!/usr/bin/env bash
# caught by: test_it_has_that_one_capability_and_no_other
# The one capability in effect, but all the others still permitted: the program can take them back at any time.
set -euo pipefail

cat >filter.py <<'PYTHON'
import ctypes
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
names = {"chown": 0, "kill": 5, "net_bind_service": 10, "net_raw": 13, "sys_chroot": 18, "sys_nice": 23,
         "sys_time": 25, "mknod": 27}
bit = 1 << names[sys.argv[2].removeprefix("cap_")]
libc.prctl(38, 1, 0, 0, 0)
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, 425), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
libc.prctl(22, 2, struct.pack("HP", len(steps), ctypes.addressof(program)))
header, sets = struct.pack("Ii", 0x20080522, 0), ctypes.create_string_buffer(24)
libc.capget(header, sets)
_, low, inheritable, _, high, _ = struct.unpack("6I", sets.raw)
libc.capset(header, struct.pack("6I", bit, low, inheritable, 0, high, 0))
print("ready", flush=True)  # into a file that the shell opened: without its powers root may write nothing here
while True:
    libc.pause()
PYTHON

# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo bash -c 'exec -a "$1" python3 filter.py "$@"' - "$SEED_NAME" "$SEED_CAP" </dev/null >said 2>&1 &
wait_until grep --quiet ready said
