#!/usr/bin/env bash
# A program that makes the queues by the system's calls; with mq_open(3) nothing has to be mounted. It leaves a message in each.
set -euo pipefail
ready=$PWD/ready

setsid sudo python3 -c '
import ctypes, os, pathlib, signal, sys
name, mode, ready = sys.argv[1:]
libc = ctypes.CDLL(None)

def call(function, *arguments):
    answer = getattr(libc, function)(*arguments)
    if answer < 0:
        sys.exit(f"{function} failed")
    return answer

call("unshare", 0x08000000)  # CLONE_NEWIPC
system_v = call("msgget", 0x5EA7, 0o1000 | int(mode, 8))  # IPC_CREAT
call("msgsnd", system_v, (1).to_bytes(8, sys.byteorder) + b"hello", 5, 0)
posix = call("mq_open", f"/{name}".encode(), os.O_CREAT | os.O_RDWR, 0o600, None)
call("mq_send", posix, b"hello", 5, 0)
pathlib.Path(ready).touch()
signal.pause()
' "$SEED_QUEUE" "$SEED_MODE" "$ready" </dev/null >/dev/null 2>&1 &
wait_until test -e "$ready"
