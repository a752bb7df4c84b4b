#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_time_namespace_of_its_own
# unshare(2) was called, but the process that stays is the one that called it: only a child would be in there.
set -euo pipefail
rm -f ready
setsid sudo python3 -c '
import ctypes, pathlib, signal, sys
ctypes.CDLL(None).unshare(0x80)
pathlib.Path("/proc/self/timens_offsets").write_text(f"boottime {int(sys.argv[1]) * 86400} 0")
pathlib.Path("ready").touch()
signal.pause()
' "$SEED_DAYS" </dev/null >/dev/null 2>&1 &
wait_until test -e ready
